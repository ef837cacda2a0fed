import {
  CancelCommandCommand,
  ListCommandsCommand,
  paginateListCommandInvocations,
  paginateListCommands,
  type Command,
  type CommandInvocation,
  type CommandFilter,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { findCommands, since } from '../commands.ts';
import { each } from '../each.ts';
import type { Active } from '../schemas/fleet-command-run.ts';
import { batchOf } from './batch-comment.ts';

/** So many commands are looked up one by one; more of them by the page. */
const FEW = 5;
const PAGE = 50;
const FINAL: readonly unknown[] = ['Success', 'Failed', 'TimedOut', 'Cancelled'];

export const hasEnded = ({ Status }: Command): boolean => FINAL.includes(Status);

const known = (active: readonly Active[]): string[] => active.flatMap(({ commandId }) => commandId ?? []);

/** The ids of commands that are not known yet, by their batch, as far as SSM lists them. Source: SSM ListCommands. */
export async function lostCommands(
  ssm: SSMClient,
  executionArn: string,
  active: readonly Active[],
): Promise<Map<number, string>> {
  const lost = active.filter(({ commandId }) => commandId === null);
  if (lost.length === 0) return new Map();
  const found = await findCommands(ssm, { executionArn, invokedAfter: earliest(lost) });
  return new Map(
    found.flatMap(({ Comment, CommandId }) => {
      const batch = batchOf(executionArn, Comment);
      return batch === undefined || CommandId === undefined ? [] : [[batch, CommandId] as const];
    }),
  );
}

/**
 * The active commands as SSM lists them; what it has only just accepted may be missing. Those that run are read by the page,
 * and each of the others once. Source: SSM ListCommands.
 */
export async function commandsOf(ssm: SSMClient, active: readonly Active[]): Promise<Map<string, Command>> {
  const ids = known(active);
  if (ids.length <= FEW) return byId(await each(ids, (id) => lookUp(ssm, id)));
  const Filters: CommandFilter[] = [
    { key: 'InvokedAfter', value: since(earliest(active)) },
    { key: 'ExecutionStage', value: 'Executing' },
  ];
  const running: Command[] = [];
  for await (const { Commands = [] } of paginateListCommands({ client: ssm, pageSize: PAGE }, { Filters }))
    running.push(...Commands);
  const listed = byId([running]);
  const others = await each(
    ids.filter((id) => !listed.has(id)),
    (id) => lookUp(ssm, id),
  );
  return new Map([...listed, ...byId(others)]);
}

const earliest = (active: readonly Active[]): string =>
  active.map(({ sentAt }) => sentAt).reduce((a, b) => (a < b ? a : b));

const byId = (commands: readonly (readonly Command[])[]): Map<string, Command> =>
  new Map(commands.flat().map((command) => [command.CommandId ?? '', command]));

async function lookUp(ssm: SSMClient, CommandId: string): Promise<Command[]> {
  const { Commands = [] } = await ssm.send(new ListCommandsCommand({ CommandId }));
  return Commands;
}

/** The machines of a command, or those of one status. Source: SSM ListCommandInvocations. */
export async function invocationsOf(
  ssm: SSMClient,
  CommandId: string,
  { Details = false, status }: { readonly Details?: boolean; readonly status?: 'Delayed' } = {},
): Promise<CommandInvocation[]> {
  const Filters: CommandFilter[] | undefined = status && [{ key: 'Status', value: status }];
  const found: CommandInvocation[] = [];
  const pages = paginateListCommandInvocations({ client: ssm, pageSize: PAGE }, { CommandId, Details, Filters });
  for await (const { CommandInvocations = [] } of pages) found.push(...CommandInvocations);
  return found;
}

/** Calls a command back from machines, or from all. It is no promise. Source: SSM CancelCommand. */
export async function callBack(ssm: SSMClient, CommandId: string, InstanceIds?: string[]): Promise<void> {
  if (InstanceIds?.length === 0) return;
  await ssm.send(new CancelCommandCommand({ CommandId, InstanceIds }));
}
