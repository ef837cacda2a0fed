import type { BufferEncoding, CpOptions, FileContent, FsStat, IFileSystem, MkdirOptions, RmOptions } from 'just-bash';
import { Buffer } from 'node:buffer';
import { type DirectoryNode, type Disk, emptyDirectory, type FileNode, type Node } from './disk.ts';
import { fsError, joined, namesOf, resolvePath } from './paths.ts';

type Encoding = BufferEncoding | { readonly encoding?: BufferEncoding | null } | undefined;
interface Dirent {
  readonly name: string;
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly isSymbolicLink: boolean;
}

/** Where a path leads: the directory it stands in, on which disk, and what is there. */
interface Place {
  readonly real: readonly string[];
  readonly node: Node | undefined;
}

const DISCARDED = '/dev/null';
const MOST_LINKS = 40;

const encodingOf = (options: Encoding): BufferEncoding =>
  (typeof options === 'string' ? options : options?.encoding) ?? 'utf8';

const bytesOf = (content: FileContent, options: Encoding): Uint8Array =>
  typeof content === 'string' ? new Uint8Array(Buffer.from(content, encodingOf(options))) : content.slice();

/**
 * What the processes of a machine see: its disks, mounted into one tree. Implements just-bash's file system. Errors carry
 * Node's codes. Hard links stay within a disk; a mounted directory cannot be removed.
 */
export class MachineFs implements IFileSystem {
  readonly #mounts = new Map<string, Disk>();
  readonly #now: () => number;

  constructor(root: Disk, now: () => number) {
    this.#mounts.set('/', root);
    this.#now = now;
  }

  /** Mount points in the order of mounting, `/` first. */
  get mounts(): ReadonlyMap<string, Disk> {
    return this.#mounts;
  }

  /** Mounts a disk on an existing directory. */
  mount(point: string, disk: Disk): void {
    const { real, node } = this.#find(point, 'mount');
    if (node.kind !== 'directory') throw fsError('ENOTDIR', 'mount', point);
    if (this.#mounts.has(joined(real))) throw fsError('EBUSY', 'mount', point);
    this.#mounts.set(joined(real), disk);
  }

  unmount(point: string): void {
    if (point === '/' || !this.#mounts.delete(point)) throw fsError('EINVAL', 'umount', point);
  }

  async readFile(path: string, options?: Encoding): Promise<string> {
    return Buffer.from(this.#file(path).content).toString(encodingOf(options));
  }

  async readFileBuffer(path: string): Promise<Uint8Array> {
    return this.#file(path).content.slice();
  }

  async writeFile(path: string, content: FileContent, options?: Encoding): Promise<void> {
    this.#write(path, bytesOf(content, options));
  }

  async appendFile(path: string, content: FileContent, options?: Encoding): Promise<void> {
    const { node } = this.#walk(path, true);
    const before = node?.kind === 'file' ? node.content : new Uint8Array();
    this.#write(path, new Uint8Array(Buffer.concat([before, bytesOf(content, options)])));
  }

  /** A path through a file or a loop of links is one that does not exist. */
  async exists(path: string): Promise<boolean> {
    const found = this.#follow(path, true);
    return typeof found !== 'string' && found.node !== undefined;
  }

  async stat(path: string): Promise<FsStat> {
    return statOf(this.#find(path, 'stat').node);
  }

  async lstat(path: string): Promise<FsStat> {
    return statOf(this.#find(path, 'lstat', false).node);
  }

  async mkdir(path: string, options?: MkdirOptions): Promise<void> {
    const names = namesOf(path);
    for (let length = options?.recursive ? 1 : names.length; length <= names.length; length++) {
      const part = joined(names.slice(0, length));
      const { real, node } = this.#walk(part, true);
      if (node === undefined) this.#put(real, (owner) => emptyDirectory(owner, this.#now()));
      else if (node.kind !== 'directory' || !options?.recursive) throw fsError('EEXIST', 'mkdir', part);
    }
  }

  async readdir(path: string): Promise<string[]> {
    return [...this.#directory(path).children.keys()].sort();
  }

  async readdirWithFileTypes(path: string): Promise<Dirent[]> {
    const children = [...this.#directory(path).children].sort(([a], [b]) => (a < b ? -1 : 1));
    return children.map(([name, { kind }]) => ({
      name,
      isFile: kind === 'file',
      isDirectory: kind === 'directory',
      isSymbolicLink: kind === 'link',
    }));
  }

  async rm(path: string, options?: RmOptions): Promise<void> {
    const { real, node } = this.#walk(path, false);
    if (node === undefined) {
      if (options?.force) return;
      throw fsError('ENOENT', 'rm', path);
    }
    if (this.#holdsMount(real)) throw fsError('EBUSY', 'rm', path);
    if (node.kind === 'directory' && node.children.size > 0 && !options?.recursive)
      throw fsError('ENOTEMPTY', 'rm', path);
    const { directory, name } = this.#ownParent(real);
    directory.children.delete(name);
    directory.mtime = this.#now();
  }

  async cp(source: string, target: string, options?: CpOptions): Promise<void> {
    const { node } = this.#find(source, 'cp', false);
    if (node.kind === 'directory') {
      if (!options?.recursive) throw fsError('EISDIR', 'cp', source);
      await this.mkdir(target, { recursive: true });
      for (const name of await this.readdir(source)) await this.cp(`${source}/${name}`, `${target}/${name}`, options);
    } else if (node.kind === 'link') {
      await this.symlink(node.target, target);
    } else {
      this.#write(target, node.content, node.mode);
    }
  }

  async mv(source: string, target: string): Promise<void> {
    const { real: from } = this.#find(source, 'rename', false);
    if (this.#holdsMount(from)) throw fsError('EBUSY', 'rename', source);
    const { real: to } = this.#walk(target, false);
    if (joined(from) === joined(to)) return;
    if (`${joined(to)}/`.startsWith(`${joined(from)}/`)) throw fsError('EINVAL', 'rename', source);
    await this.rm(target, { recursive: true, force: true });
    await this.cp(source, target, { recursive: true });
    await this.rm(source, { recursive: true });
  }

  resolvePath(base: string, path: string): string {
    return resolvePath(base, path);
  }

  /** Empty, as the interface allows: globs read directories instead. */
  getAllPaths(): string[] {
    return [];
  }

  async chmod(path: string, mode: number): Promise<void> {
    this.#ownNode(path, 'chmod').mode = mode;
  }

  async symlink(target: string, path: string): Promise<void> {
    const { real, node } = this.#walk(path, false);
    if (node !== undefined) throw fsError('EEXIST', 'symlink', path);
    this.#put(real, (owner) => ({ kind: 'link', owner, target, mode: 0o777, mtime: this.#now() }));
  }

  async link(existing: string, path: string): Promise<void> {
    const source = this.#find(existing, 'link');
    const { real, node } = this.#walk(path, false);
    if (node !== undefined) throw fsError('EEXIST', 'link', path);
    if (source.node.kind === 'directory') throw fsError('EISDIR', 'link', existing);
    if (this.#diskOf(source.real).disk !== this.#diskOf(real).disk) throw fsError('EXDEV', 'link', existing);
    const shared = this.#ownNode(existing, 'link');
    this.#put(real, () => shared);
  }

  async readlink(path: string): Promise<string> {
    const { node } = this.#find(path, 'readlink', false);
    if (node.kind !== 'link') throw fsError('EINVAL', 'readlink', path);
    return node.target;
  }

  async realpath(path: string): Promise<string> {
    return joined(this.#find(path, 'realpath').real);
  }

  async utimes(path: string, _atime: Date, mtime: Date): Promise<void> {
    this.#ownNode(path, 'utimes').mtime = mtime.getTime();
  }

  #file(path: string): FileNode {
    const { node } = this.#find(path, 'open');
    if (node.kind !== 'file') throw fsError('EISDIR', 'read', path);
    return node;
  }

  #directory(path: string): DirectoryNode {
    const { node } = this.#find(path, 'scandir');
    if (node.kind !== 'directory') throw fsError('ENOTDIR', 'scandir', path);
    return node;
  }

  #write(path: string, content: Uint8Array, mode?: number): void {
    const { real, node } = this.#walk(path, true);
    if (joined(real) === DISCARDED) return;
    if (node?.kind === 'directory') throw fsError('EISDIR', 'open', path);
    if (node === undefined) {
      this.#put(real, (owner) => ({ kind: 'file', owner, content, mode: mode ?? 0o644, mtime: this.#now() }));
      return;
    }
    const owned = this.#ownNode(path, 'open') as FileNode;
    owned.content = content;
    owned.mtime = this.#now();
  }

  #put(real: readonly string[], make: (owner: Disk) => Node): void {
    const { disk, directory, name } = this.#ownParent(real);
    directory.children.set(name, make(disk));
    directory.mtime = this.#now();
  }

  #ownParent(real: readonly string[]): {
    readonly disk: Disk;
    readonly directory: DirectoryNode;
    readonly name: string;
  } {
    const name = real.at(-1);
    if (name === undefined) throw fsError('EBUSY', 'open', '/');
    const { disk, names } = this.#diskOf(real.slice(0, -1));
    return { disk, directory: disk.own(names), name };
  }

  /** The node made this disk's own, to be changed in place. */
  #ownNode(path: string, call: string): Node {
    const { real } = this.#find(path, call);
    const { disk, names } = this.#diskOf(real);
    return names.length === 0 ? disk.own([]) : disk.ownChild(disk.own(names.slice(0, -1)), names.at(-1) ?? '');
  }

  /** The disk that a path without symbolic links stands on, and the rest of the path there. */
  #diskOf(real: readonly string[]): { readonly disk: Disk; readonly names: readonly string[] } {
    for (let length = real.length; length >= 0; length--) {
      const disk = this.#mounts.get(joined(real.slice(0, length)));
      if (disk !== undefined) return { disk, names: real.slice(length) };
    }
    throw new Error('a machine without a root file system');
  }

  #holdsMount(real: readonly string[]): boolean {
    const prefix = real.length === 0 ? '/' : `${joined(real)}/`;
    return [...this.#mounts.keys()].some((point) => `${point}/`.startsWith(prefix));
  }

  #find(path: string, call: string, follow = true): { readonly real: readonly string[]; readonly node: Node } {
    const { real, node } = this.#walk(path, follow);
    if (node === undefined) throw fsError('ENOENT', call, path);
    return { real, node };
  }

  /** Follows a path. What is missing may be the last name only. */
  #walk(path: string, follow: boolean): Place {
    const found = this.#follow(path, follow);
    if (typeof found === 'string') throw fsError(found, 'open', path);
    return found;
  }

  /** Where a path leads, or the code of the error that it leads to: a shell asks for many that are not there. */
  #follow(path: string, follow: boolean): Place | 'ENOENT' | 'ENOTDIR' | 'ELOOP' {
    let todo = namesOf(path).reverse();
    let real: string[] = [];
    let point = '';
    let node: Node | undefined = this.#mounts.get('/')?.root;
    for (let links = 0; ;) {
      const name = todo.pop();
      if (name === undefined) return { real, node };
      if (node === undefined) return 'ENOENT';
      if (node.kind !== 'directory') return 'ENOTDIR';
      const next = `${point}/${name}`;
      const child: Node | undefined = this.#mounts.get(next)?.root ?? node.children.get(name);
      if (child?.kind === 'link' && (follow || todo.length > 0)) {
        if (++links > MOST_LINKS) return 'ELOOP';
        todo = [...todo, ...namesOf(resolvePath(joined(real), child.target)).reverse()];
        real = [];
        point = '';
        node = this.#mounts.get('/')?.root;
      } else {
        real.push(name);
        point = next;
        node = child;
      }
    }
  }
}

function statOf(node: Node): FsStat {
  return {
    isFile: node.kind === 'file',
    isDirectory: node.kind === 'directory',
    isSymbolicLink: node.kind === 'link',
    mode: node.mode,
    size: node.kind === 'file' ? node.content.length : node.kind === 'link' ? node.target.length : 4096,
    mtime: new Date(node.mtime),
  };
}
