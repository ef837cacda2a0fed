import type * as ssm from '@aws-sdk/client-ssm';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { type Operation, operation, type Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { answerOf, invocationDetails, listedInvocation } from './answers.ts';
import { constraint, longest, page } from './checks.ts';
import type { Commands } from './commands.ts';
import type { Command, Invocation } from './model.ts';
import { statusOf } from './model.ts';

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

/** The operations that follow commands and cancel them. */
export function followOperations(world: World, commands: Commands): Readonly<Record<string, Operation>> {
  const visible = (command: Command) => command.visibleAt <= world.clock.now();
  const newestFirst = () => [...commands.all.values()].reverse();

  return {
    GetCommandInvocation: operation<ssm.GetCommandInvocationCommandInput, ssm.GetCommandInvocationCommandOutput>(
      anywhere('GetCommandInvocation'),
      (input) => {
        const command = commands.all.get(checkId(input.CommandId));
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
        if (input.CommandId !== undefined) checkId(input.CommandId);
        const passes = commandFilter(input.Filters);
        const found = newestFirst().filter(
          (command) =>
            command.listedAt <= world.clock.now() &&
            (input.CommandId === undefined || command.commandId === input.CommandId) &&
            (input.InstanceId === undefined || command.invocations.has(input.InstanceId)) &&
            passes(command),
        );
        const { items, NextToken } = page(found, input);
        return { Commands: items.map(answerOf), NextToken };
      },
    ),
    ListCommandInvocations: operation<ssm.ListCommandInvocationsCommandInput, ssm.ListCommandInvocationsCommandOutput>(
      anywhere('ListCommandInvocations'),
      (input) => {
        if (input.CommandId !== undefined) checkId(input.CommandId);
        const passes = invocationFilter(input.Filters);
        const found = newestFirst()
          .filter(
            (command) => visible(command) && (input.CommandId === undefined || command.commandId === input.CommandId),
          )
          .flatMap((command) => [...command.invocations.values()].map((invocation) => ({ command, invocation })))
          .filter(
            ({ command, invocation }) =>
              (input.InstanceId ?? invocation.instanceId) === invocation.instanceId && passes(command, invocation),
          );
        const { items, NextToken } = page(found, input);
        const listed = items.map(({ command, invocation }) =>
          listedInvocation(command, invocation, world.region, input.Details === true),
        );
        return { CommandInvocations: listed, NextToken };
      },
    ),
    CancelCommand: operation<ssm.CancelCommandCommandInput, ssm.CancelCommandCommandOutput>(
      anywhere('CancelCommand'),
      (input) => {
        longest(input.InstanceIds, 'instanceIds', 50);
        const command = commands.all.get(checkId(input.CommandId));
        if (command === undefined)
          throw new AwsError('InvalidCommandId', `Command ${input.CommandId ?? ''} does not exist.`);
        const strangers = (input.InstanceIds ?? []).filter((id) => !command.invocations.has(id));
        if (strangers.length > 0)
          throw new AwsError(
            'InvalidInstanceId',
            `Instances [[${strangers.join(', ')}]] not in a valid state for account ${world.account}`,
          );
        commands.cancel(command, input.InstanceIds ?? []);
        return {};
      },
    ),
  };
}

const time = (value: string): number => {
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw new AwsError('InvalidFilterKey', `The filter value ${value} is not a date and time.`);
  return at;
};

const EXECUTION_STAGES: Readonly<Record<string, readonly string[]>> = {
  Executing: ['Pending', 'InProgress', 'Cancelling'],
  Complete: ['Success', 'Failed', 'TimedOut', 'Cancelled', 'Incomplete'],
};

function commandFilter(filters: readonly ssm.CommandFilter[] | undefined): (command: Command) => boolean {
  const tests = (filters ?? []).map(({ key, value = '' }) => {
    switch (key) {
      case 'InvokedAfter':
        return (
          (at) => (command: Command) =>
            command.requestedAt >= at
        )(time(value));
      case 'InvokedBefore':
        return (
          (at) => (command: Command) =>
            command.requestedAt < at
        )(time(value));
      case 'Status':
        return (command: Command) => command.status === value;
      case 'DocumentName':
        return (command: Command) => command.document.name === value;
      case 'ExecutionStage':
        return (command: Command) => (EXECUTION_STAGES[value] ?? []).includes(command.status);
      default:
        throw new AwsError('InvalidFilterKey', `The filter key ${String(key)} is not valid.`);
    }
  });
  return (command) => tests.every((test) => test(command));
}

function invocationFilter(
  filters: readonly ssm.CommandFilter[] | undefined,
): (command: Command, invocation: Invocation) => boolean {
  const ofStatus = (filters ?? []).filter(({ key }) => key === 'Status');
  if ((filters ?? []).some(({ key }) => key === 'ExecutionStage'))
    throw notImplemented('the filter ExecutionStage of ssm:ListCommandInvocations');
  const passes = commandFilter((filters ?? []).filter(({ key }) => key !== 'Status'));
  return (command, invocation) =>
    passes(command) && ofStatus.every(({ value }) => statusOf(invocation.details) === value);
}
