import { parse, type SimpleCommandNode, type WordNode, type TransformPlugin } from 'just-bash';

/** A word that expands to nothing, under `set -u` too. */
const NOTHING: WordNode = nothing();

function nothing(): WordNode {
  const [command] = parse('${__-}').statements[0]?.pipelines[0]?.commands ?? [];
  if (command?.type !== 'SimpleCommand' || command.name === null)
    throw new Error('just-bash does not parse ${__-} as a command');
  return command.name;
}

const isSimpleCommand = (node: object): node is SimpleCommandNode => 'type' in node && node.type === 'SimpleCommand';

const expandsToMany = (word: WordNode): boolean =>
  word.parts.some(
    (part) =>
      part.type === 'DoubleQuoted' &&
      part.parts.some(
        (inner) => inner.type === 'ParameterExpansion' && (inner.parameter === '@' || inner.parameter.endsWith('[@]')),
      ),
  );

function rewrite(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  if (isSimpleCommand(node) && node.name !== null && expandsToMany(node.name)) {
    node.args = [node.name, ...node.args];
    node.name = NOTHING;
  }
  for (const child of Object.values(node)) rewrite(child);
}

/**
 * just-bash 3.4.2 takes `"$@"` and `"${array[@]}"` in the place of a command as one word. It splits them as it should where
 * the word before them expands to nothing, so such a word is put there.
 */
export const expandCommands: TransformPlugin = {
  name: 'expand-commands',
  transform({ ast }) {
    rewrite(ast);
    return { ast };
  },
};
