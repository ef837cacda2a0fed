export { buildTree, type DirectoryNode, Disk, emptyDirectory } from './disk.ts';
export type { Hardware, Software } from './hardware.ts';
export { linuxFiles } from './linux-files.ts';
export { MachineFs } from './machine-fs.ts';
export { type CallAws, Machine, type Outcome } from './machine.ts';
