import { type CommandNode, parse, type PipelineNode, type SimpleCommandNode, type TransformPlugin } from 'just-bash';

const isPipeline = (node: object): node is PipelineNode => 'type' in node && node.type === 'Pipeline';

/** Whether its status should be 0 and not that of what ran before or of a substitution in it. */
const succeeds = (command: CommandNode): command is SimpleCommandNode =>
  command.type === 'SimpleCommand' &&
  command.name === null &&
  command.assignments.length > 0 &&
  command.redirections.length === 0 &&
  !JSON.stringify(command).includes('CommandSubst');

/** `{ COMMAND || :; }` */
function andSucceed(command: SimpleCommandNode): CommandNode {
  const [group] = parse('{ : || :; }').statements[0]?.pipelines[0]?.commands ?? [];
  const [pipeline] = group?.type === 'Group' ? (group.body[0]?.pipelines ?? []) : [];
  if (group === undefined || pipeline === undefined) throw new Error('just-bash does not parse { : || :; } as a group');
  pipeline.commands = [command];
  return group;
}

function rewrite(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  for (const child of Object.values(node)) rewrite(child);
  if (isPipeline(node))
    node.commands = node.commands.map((command) => (succeeds(command) ? andSucceed(command) : command));
}

/**
 * just-bash 3.4.2 leaves the status of the command before as it was where a command is an assignment, which ends a script
 * under `set -e` at `false || x=1`. So what succeeds follows the assignment.
 */
export const assignmentsSucceed: TransformPlugin = {
  name: 'assignments-succeed',
  transform({ ast }) {
    rewrite(ast);
    return { ast };
  },
};
