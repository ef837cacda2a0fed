import type * as ssm from '@aws-sdk/client-ssm';
import { AwsError } from '../../core/aws-error.ts';
import { constraint, pattern } from '../../core/constraints.ts';
import { type Operation, operation, type Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { answerOf, invocationDetails, listedInvocation } from './answers.ts';
import { checkInstanceIds, INSTANCE_ID, pageFrom } from './checks.ts';
import { commandFilter, invocationFilter } from './command-filters.ts';
import type { Commands } from './commands.ts';
import type { Command, Invocation } from './model.ts';

/** The service authorization reference has no resource for these but the whole account. */
const anywhere = (action: string) => (): Permission[] => [{ action: `ssm:${action}`, resource: '*' }];

function checkId(commandId: string | undefined): string {
  if (commandId === undefined) throw constraint('null', 'commandId', 'Member must not be null');
  if (commandId.length !== 36)
    throw constraint(
      commandId,
      'commandId',
      `Member must have length ${commandId.length < 36 ? 'greater' : 'less'} than or equal to 36`,
    );
  return commandId;
}

/** What ListCommands and ListCommandInvocations ask by, apart from filters. */
function checkSought({ CommandId: commandId, InstanceId: instanceId }: ssm.ListCommandsCommandInput): void {
  if (commandId !== undefined) checkId(commandId);
  pattern(instanceId, 'instanceId', INSTANCE_ID);
}

interface Found {
  readonly command: Command;
  readonly invocation: Invocation;
}

/** The operations that follow commands and cancel them. */
export function followOperations(world: World, commands: Commands): Readonly<Record<string, Operation>> {
  const visible = (command: Command) => command.visibleAt <= world.clock.now();

  /** Commands from a position down to the oldest, or the one that is asked for. */
  function* newestFirst(commandId: string | undefined, from: number): Iterable<readonly [number, Command]> {
    const { order } = commands;
    if (commandId !== undefined) {
      const command = commands.find(commandId);
      if (command !== undefined) yield [0, command];
      return;
    }
    for (let position = Math.min(from, order.length - 1); position >= 0; position--) {
      const command = order[position];
      if (command !== undefined) yield [position, command];
    }
  }

  function* listedCommands(input: ssm.ListCommandsCommandInput, place = 'Infinity') {
    const passes = commandFilter(input.Filters);
    for (const [position, command] of newestFirst(input.CommandId, Number(place)))
      if (
        command.listedAt <= world.clock.now() &&
        (input.InstanceId === undefined || command.invocations.has(input.InstanceId)) &&
        passes(command)
      )
        yield [String(position), command] as const;
  }

  /** A place is that of the command and that of the invocation within it. */
  function* listedInvocations(
    input: ssm.ListCommandInvocationsCommandInput,
    place = 'Infinity.0',
  ): Iterable<readonly [string, Found]> {
    const { ofCommand, ofInvocation } = invocationFilter(input.Filters);
    const [from = 0, within = 0] = place.split('.').map(Number);
    for (const [position, command] of newestFirst(input.CommandId, from)) {
      if (!visible(command) || !ofCommand(command)) continue;
      const invocations =
        input.InstanceId === undefined ? command.order : [command.invocations.get(input.InstanceId) ?? []].flat();
      for (let index = position === from ? within : 0; index < invocations.length; index++) {
        const invocation = invocations[index];
        if (invocation !== undefined && ofInvocation(invocation))
          yield [`${position}.${index}`, { command, invocation }];
      }
    }
  }

  return {
    GetCommandInvocation: operation<ssm.GetCommandInvocationCommandInput, ssm.GetCommandInvocationCommandOutput>(
      anywhere('GetCommandInvocation'),
      (input) => {
        const command = commands.find(checkId(input.CommandId));
        const invocation = command?.invocations.get(input.InstanceId ?? '');
        if (command === undefined || invocation === undefined || !visible(command))
          throw new AwsError('InvocationDoesNotExist', '');
        const { pluginName } = command.document;
        if (input.PluginName !== undefined && input.PluginName !== pluginName)
          throw new AwsError('InvalidPluginName', `Plugin ${input.PluginName} is not part of the document.`);
        return invocationDetails(command, invocation, world.region);
      },
    ),
    ListCommands: operation<ssm.ListCommandsCommandInput, ssm.ListCommandsCommandOutput>(
      anywhere('ListCommands'),
      (input) => {
        checkSought(input);
        if (
          input.InstanceId !== undefined &&
          input.Filters?.some(({ key, value }) => key === 'Status' && value === 'Pending')
        )
          throw new AwsError(
            'ValidationException',
            'You cannot specify an instance ID together with Status = Pending.',
          );
        const { items, NextToken } = pageFrom((place) => listedCommands(input, place), input);
        return { Commands: items.map(answerOf), NextToken };
      },
    ),
    ListCommandInvocations: operation<ssm.ListCommandInvocationsCommandInput, ssm.ListCommandInvocationsCommandOutput>(
      anywhere('ListCommandInvocations'),
      (input) => {
        checkSought(input);
        const { items, NextToken } = pageFrom((place) => listedInvocations(input, place), input);
        const listed = items.map(({ command, invocation }) =>
          listedInvocation(command, invocation, world.region, input.Details === true),
        );
        return { CommandInvocations: listed, NextToken };
      },
    ),
    CancelCommand: operation<ssm.CancelCommandCommandInput, ssm.CancelCommandCommandOutput>(
      anywhere('CancelCommand'),
      (input) => {
        const commandId = checkId(input.CommandId);
        checkInstanceIds(input.InstanceIds);
        const command = commands.find(commandId);
        if (command === undefined) throw new AwsError('InvalidCommandId', `Command ${commandId} does not exist.`);
        const strangers = (input.InstanceIds ?? []).filter((id) => !command.invocations.has(id));
        if (strangers.length > 0)
          throw new AwsError(
            'InvalidInstanceId',
            `Instances [[${strangers.join(', ')}]] not in a valid state for account ${world.account}`,
          );
        commands.cancel(command, input.InstanceIds);
        return {};
      },
    ),
  };
}
