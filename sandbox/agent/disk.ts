/** A regular file. The bytes are shared between disks until one of them writes. */
export interface FileNode {
  readonly kind: 'file';
  owner: object;
  content: Uint8Array;
  mode: number;
  /** Epoch milliseconds. */
  mtime: number;
}

export interface DirectoryNode {
  readonly kind: 'directory';
  owner: object;
  readonly children: Map<string, Node>;
  mode: number;
  mtime: number;
}

interface LinkNode {
  readonly kind: 'link';
  owner: object;
  readonly target: string;
  mode: number;
  mtime: number;
}

export type Node = FileNode | DirectoryNode | LinkNode;

/** Content of an image by absolute path: text, or text with its mode, or the target of a symbolic link. */
export type FileTree = Readonly<
  Record<string, string | { readonly content: string; readonly mode?: number } | { readonly link: string }>
>;

const IMAGE = {};
const encoder = new TextEncoder();

export const emptyDirectory = (owner: object, mtime: number, mode = 0o755): DirectoryNode => ({
  kind: 'directory',
  owner,
  children: new Map(),
  mode,
  mtime,
});

function nodeOf(entry: FileTree[string], mtime: number): Node {
  if (typeof entry === 'string') return nodeOf({ content: entry }, mtime);
  if ('link' in entry) return { kind: 'link', owner: IMAGE, target: entry.link, mode: 0o777, mtime };
  return { kind: 'file', owner: IMAGE, content: encoder.encode(entry.content), mode: entry.mode ?? 0o644, mtime };
}

/** Builds the tree that any number of disks may start from; a path ending in `/` is an empty directory. */
export function buildTree(files: FileTree, mtime: number): DirectoryNode {
  const root = emptyDirectory(IMAGE, mtime);
  for (const [path, entry] of Object.entries(files)) {
    const names = path.split('/').filter((name) => name !== '');
    const last = path.endsWith('/') ? undefined : names.pop();
    let directory = root;
    for (const name of names) {
      const child = directory.children.get(name) ?? emptyDirectory(IMAGE, mtime);
      if (child.kind !== 'directory') throw new Error(`${path}: ${name} is a file`);
      directory.children.set(name, child);
      directory = child;
    }
    if (last !== undefined) directory.children.set(last, nodeOf(entry, mtime));
  }
  return root;
}

/**
 * The file system of one volume: a tree that it shares with its image until it writes. What it writes it first makes its
 * own, from the root down, so an untouched disk is one reference.
 */
export class Disk {
  root: DirectoryNode;
  readonly uuid: string;
  readonly label: string;

  constructor(root: DirectoryNode, uuid: string, label = '') {
    this.root = root;
    this.uuid = uuid;
    this.label = label;
  }

  /** Makes every directory on the way this disk's own and returns the last. The names must be existing directories. */
  own(names: readonly string[]): DirectoryNode {
    this.root = this.#owned(this.root);
    let directory = this.root;
    for (const name of names) {
      const child = directory.children.get(name);
      if (child?.kind !== 'directory') throw new Error(`not a directory: ${names.join('/')}`);
      const owned = this.#owned(child);
      directory.children.set(name, owned);
      directory = owned;
    }
    return directory;
  }

  /** Makes a child this disk's own, so that it can be changed in place. */
  ownChild(directory: DirectoryNode, name: string): Node {
    const child = directory.children.get(name);
    if (child === undefined) throw new Error(`no such child: ${name}`);
    const owned = this.#owned(child);
    directory.children.set(name, owned);
    return owned;
  }

  /** Bytes in files, for df. */
  get usedBytes(): number {
    return bytesIn(this.root);
  }

  #owned<N extends Node>(node: N): N {
    if (node.owner === this) return node;
    if (node.kind === 'directory') return { ...node, owner: this, children: new Map(node.children) };
    return { ...node, owner: this };
  }
}

function bytesIn(node: Node): number {
  if (node.kind === 'link') return node.target.length;
  if (node.kind === 'file') return node.content.length;
  let sum = 4096;
  for (const child of node.children.values()) sum += bytesIn(child);
  return sum;
}
