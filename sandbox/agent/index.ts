export { buildTree, type DirectoryNode, Disk, emptyDirectory, type FileTree } from './disk.ts';
export type { BlockDevice, Container, Hardware, Listener, Software, Unit } from './hardware.ts';
export { linuxFiles } from './linux-files.ts';
export { Machine, type Outcome, type Script } from './machine.ts';
export { MachineFs } from './machine-fs.ts';
