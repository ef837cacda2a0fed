import type { Command, CommandInvocation } from '@aws-sdk/client-ssm';
import { loadFleet, parseFleet } from '../../../../sandbox/fleets/index.ts';
import { DEMO, type FleetOptions, fleetWorld, type FleetWorld, quiet } from '../../fleets/demo.ts';

interface Many extends Omit<FleetOptions, 'fleet'> {
  readonly count: number;
  readonly vary?: readonly object[];
}

/** So many machines with the tag `Role=node`, some of them as `vary` says. */
export function many({ count, vary = [], ...options }: Many): Promise<FleetWorld> {
  const { images } = loadFleet(DEMO);
  const instances = [{ name: 'node', image: 'al2023', profile: 'p', count, tags: { Role: 'node' }, vary }];
  return fleetWorld({ ...options, fleet: parseFleet({ images, instances }, 'test') });
}

export const ids = ({ ec2 }: FleetWorld): string[] => [...ec2.instances.keys()];

/** Sends a script to all of them by their tag, unless told otherwise, and answers the command. */
export async function sendAll({ call }: FleetWorld, script: string, input: object = {}): Promise<Command> {
  const { Command: command } = await call<{ Command: Command }>('ssm', 'SendCommand', {
    DocumentName: 'AWS-RunShellScript',
    Targets: [{ Key: 'tag:Role', Values: ['node'] }],
    Parameters: { commands: [script] },
    ...input,
  });
  return command;
}

export async function command({ call }: FleetWorld, { CommandId }: Command): Promise<Command> {
  const { Commands: found } = await call<{ Commands: Command[] }>('ssm', 'ListCommands', { CommandId });
  if (found[0] === undefined) throw new Error(`no command ${String(CommandId)}`);
  return found[0];
}

export async function settled(on: FleetWorld, sent: Command): Promise<Command> {
  await quiet(on);
  return command(on, sent);
}

/** All invocations of a command, page by page. */
export async function invocations(
  { call }: FleetWorld,
  { CommandId }: Command,
  input: object = {},
): Promise<CommandInvocation[]> {
  const all: CommandInvocation[] = [];
  let NextToken: string | undefined;
  do {
    const page = await call<{ CommandInvocations: CommandInvocation[]; NextToken?: string }>(
      'ssm',
      'ListCommandInvocations',
      { CommandId, NextToken, ...input },
    );
    all.push(...page.CommandInvocations);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return all;
}

/** How many invocations ended with which details. */
export async function byDetails(on: FleetWorld, sent: Command): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { StatusDetails: details = '' } of await invocations(on, sent))
    counts[details] = (counts[details] ?? 0) + 1;
  return counts;
}
