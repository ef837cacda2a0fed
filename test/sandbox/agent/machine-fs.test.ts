import { beforeEach, describe, expect, it } from '@jest/globals';
import { buildTree, Disk, MachineFs } from '../../../sandbox/agent/index.ts';

const image = buildTree(
  {
    '/a/b/file': 'image',
    '/a/link': { link: 'b/file' },
    '/a/loop': { link: 'loop' },
    '/mnt/': '',
    '/run': { content: '#!', mode: 0o755 },
  },
  1000,
);
const fsOn = (disk: Disk) => new MachineFs(disk, () => 2000);

let fs: MachineFs;
let other: MachineFs;
beforeEach(() => {
  fs = fsOn(new Disk(image, 'one'));
  other = fsOn(new Disk(image, 'two'));
});

describe('copy on write', () => {
  it('keeps every change from the other disks of the image', async () => {
    await fs.writeFile('/a/b/file', 'mine');
    await fs.writeFile('/a/b/new', 'x');
    await fs.chmod('/run', 0o600);
    await fs.rm('/a/link');
    expect(await other.readFile('/a/b/file')).toBe('image');
    expect(await other.readdir('/a/b')).toEqual(['file']);
    expect((await other.stat('/run')).mode).toBe(0o755);
    expect(await other.exists('/a/link')).toBe(true);
    expect(await fs.readFile('/a/b/file')).toBe('mine');
  });

  it('costs an untouched disk nothing but a reference', () => {
    expect(new Disk(image, 'x').root).toBe(image);
  });
});

describe('files', () => {
  it('follow links, and tell a link from what it points to', async () => {
    expect(await fs.readFile('/a/link')).toBe('image');
    await fs.writeFile('/a/link', 'through');
    expect(await fs.readFile('/a/b/file')).toBe('through');
    expect((await fs.lstat('/a/link')).isSymbolicLink).toBe(true);
    expect(await fs.realpath('/a/./link')).toBe('/a/b/file');
    await expect(fs.readFile('/a/loop')).rejects.toThrow(/ELOOP/);
  });

  it('append, copy, move and keep bytes', async () => {
    const bytes = new Uint8Array([0, 255, 128, 10]);
    await fs.writeFile('/bytes', bytes);
    await fs.appendFile('/bytes', bytes);
    expect([...(await fs.readFileBuffer('/bytes'))]).toEqual([...bytes, ...bytes]);
    await fs.cp('/a', '/copy', { recursive: true });
    expect(await fs.readFile('/copy/link')).toBe('image');
    await fs.mv('/copy', '/moved');
    expect(await fs.exists('/copy')).toBe(false);
    expect(await fs.readlink('/moved/link')).toBe('b/file');
  });

  it('share their content through hard links', async () => {
    await fs.link('/a/b/file', '/hard');
    await fs.writeFile('/hard', 'both');
    expect(await fs.readFile('/a/b/file')).toBe('both');
    expect(await other.readFile('/a/b/file')).toBe('image');
  });

  it('throw away what goes to /dev/null', async () => {
    await fs.mkdir('/dev');
    await fs.writeFile('/dev/null', 'x');
    expect(await fs.exists('/dev/null')).toBe(false);
  });

  it.each([
    ['ENOENT', () => fs.readFile('/nope')],
    ['ENOENT', () => fs.writeFile('/nope/file', '')],
    ['ENOTDIR', () => fs.readFile('/a/b/file/x')],
    ['EISDIR', () => fs.readFile('/a')],
    ['EISDIR', () => fs.cp('/a', '/x')],
    ['EEXIST', () => fs.mkdir('/a')],
    ['ENOTEMPTY', () => fs.rm('/a')],
    ['EINVAL', () => fs.mv('/a', '/a/b/c')],
    ['EINVAL', () => fs.readlink('/run')],
  ])('fail with %s', async (code, act) => {
    await expect(act()).rejects.toMatchObject({ code });
  });
});

describe('mounts', () => {
  it('show another disk, through links too, and hide what is below', async () => {
    const disk = new Disk(buildTree({ '/in': 'data' }, 1000), 'data');
    await fs.writeFile('/mnt/below', 'hidden');
    fs.mount('/mnt', disk);
    await fs.symlink('/mnt/in', '/a/into');
    expect(await fs.readFile('/a/into')).toBe('data');
    expect(await fs.readdir('/mnt')).toEqual(['in']);
    await fs.writeFile('/mnt/new', 'on the disk');
    fs.unmount('/mnt');
    expect(await fs.readdir('/mnt')).toEqual(['below']);
    other.mount('/mnt', disk);
    expect(await other.readFile('/mnt/new')).toBe('on the disk');
  });

  it('are busy, and links do not cross them', async () => {
    fs.mount('/mnt', new Disk(buildTree({}, 1000), 'data'));
    await expect(fs.rm('/mnt', { recursive: true })).rejects.toMatchObject({ code: 'EBUSY' });
    await expect(fs.mv('/mnt', '/x')).rejects.toMatchObject({ code: 'EBUSY' });
    await expect(fs.link('/run', '/mnt/run')).rejects.toMatchObject({ code: 'EXDEV' });
    expect(() => fs.unmount('/')).toThrow(/EINVAL/);
    expect(() => fs.mount('/mnt', new Disk(image, 'again'))).toThrow(/EBUSY/);
  });
});
