/** The names of an absolute path, `.` and `..` resolved as text. */
export function namesOf(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names;
}

export const joined = (names: readonly string[]): string => `/${names.join('/')}`;

/** `path` as seen from the directory `base`. */
export const resolvePath = (base: string, path: string): string =>
  joined(namesOf(path.startsWith('/') ? path : `${base}/${path}`));

/** An error in the form that just-bash and Node use (`ENOENT: no such file or directory, open '/x'`). */
export function fsError(code: keyof typeof TEXTS, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${TEXTS[code]}, ${call} '${path}'`), { code });
}

const TEXTS = {
  EBUSY: 'resource busy or locked',
  EEXIST: 'file already exists',
  EINVAL: 'invalid argument',
  EISDIR: 'illegal operation on a directory',
  ELOOP: 'too many symbolic links encountered',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  EXDEV: 'cross-device link not permitted',
} as const;
