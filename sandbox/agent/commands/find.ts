import type { SimpleCommandNode, TransformPlugin, WordNode } from 'just-bash';
import { resolvePath } from '../paths.ts';
import type { Execute, Running } from './command.ts';

const WITHIN = ['-xdev', '-mount'];
/** What a `find` is called here that stays within a file system. */
export const FIND_WITHIN = 'find-xdev';

const literal = (word: WordNode): string =>
  word.parts.map((part) => (part.type === 'Literal' ? part.value : '\0')).join('');

const isFind = (node: object): node is SimpleCommandNode =>
  'type' in node &&
  node.type === 'SimpleCommand' &&
  'name' in node &&
  node.name !== null &&
  literal(node.name as WordNode) === 'find';

function rewrite(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  if (isFind(node) && node.args.some((word) => WITHIN.includes(literal(word))))
    node.name = { type: 'Word', parts: [{ type: 'Literal', value: FIND_WITHIN }] };
  for (const child of Object.values(node)) rewrite(child);
}

/** just-bash's find refuses -xdev, so a find that has it becomes a command of ours. */
export const findWithin: TransformPlugin = {
  name: 'find-within',
  transform({ ast }) {
    rewrite(ast);
    return { ast };
  },
};

const escaped = (path: string): string => path.replace(/[[\]*?\\]/g, '\\$&');

/** Command `find PATH… -xdev EXPRESSION` (GNU findutils): find, with what is on other disks left out. */
export const find =
  ({ machine }: Running): Execute =>
  (args, { cwd, exec }) => {
    if (exec === undefined) throw new Error('just-bash gave no exec');
    const first = args.findIndex((arg) => /^[-(!]/.test(arg));
    const given = args.slice(0, first < 0 ? args.length : first);
    const starts = given.length === 0 ? ['.'] : given;
    const elsewhere = starts.flatMap((start) => below(start, resolvePath(cwd, start), [...machine.fs.mounts.keys()]));
    const expression = args.slice(given.length).filter((arg) => !WITHIN.includes(arg));
    const rest = expression.length === 0 ? [] : ['(', ...expression, ')'];
    return exec('find', {
      cwd,
      args: [...starts, ...elsewhere.flatMap((path) => ['!', '-path', `${escaped(path)}/*`]), ...rest],
    });
  };

/** Mount points beneath a start, written as find writes them. */
const below = (start: string, path: string, points: readonly string[]): string[] => {
  const prefix = path === '/' ? '/' : `${path}/`;
  return points
    .filter((point) => point !== '/' && point.startsWith(prefix))
    .map((point) => `${start === '/' ? '' : start}/${point.slice(prefix.length)}`);
};
