import type {
  DescribeExecutionCommandOutput,
  ExecutionListItem,
  GetExecutionHistoryCommandOutput,
  HistoryEvent,
  ListExecutionsCommandOutput,
  StartExecutionCommandOutput,
} from '@aws-sdk/client-sfn';
import type { FilterLogEventsCommandOutput } from '@aws-sdk/client-cloudwatch-logs';
import type { GetFunctionConfigurationCommandOutput } from '@aws-sdk/client-lambda';
import type { AttributeValue, GetItemCommandOutput, ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import type {
  Command,
  CommandInvocation,
  ListCommandInvocationsCommandOutput,
  ListCommandsCommandOutput,
} from '@aws-sdk/client-ssm';
import type { Message, ReceiveMessageCommandOutput } from '@aws-sdk/client-sqs';
import { VirtualClock } from '../../sandbox/clock/virtual-clock.ts';
import type { ServiceId } from '../../sandbox/core/service.ts';
import type { AnyFault } from '../../sandbox/faults/fault-plan.ts';
import type { Fleet } from '../../sandbox/fleets/index.ts';
import { createSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import type { PublishedMessage } from '../../sandbox/services/sns/topic.ts';
import type { Withhold } from '../../sandbox/services/iam/index.ts';
import type { SendCommandDenial } from '../../sandbox/services/ssm/index.ts';
import { testFleet } from './fleet.ts';
import { testAssembly } from './assembly.ts';

export interface Setup {
  readonly seed?: number;
  readonly faults?: readonly AnyFault[];
  readonly withhold?: readonly Withhold[];
  readonly fleet?: Fleet;
  /** Folder of the stacks; those of all scenarios unless told. */
  readonly assembly?: string;
  readonly sendCommandDenial?: SendCommandDenial;
}

/** The synthesized stacks in a sandbox with virtual time, and what a test asks of them. Every call is the operator's. */
export class Lab {
  readonly sandbox: Sandbox<VirtualClock>;

  constructor(sandbox: Sandbox<VirtualClock>) {
    this.sandbox = sandbox;
  }

  call<O>(service: ServiceId, operation: string, input: object): Promise<O> {
    return this.sandbox.call(service, operation, input) as Promise<O>;
  }

  output(name: string): string {
    const value = this.sandbox.deployment.outputs[name];
    if (value === undefined) throw new Error(`no stack output ${name}`);
    return value;
  }

  /** Starts a runbook by the id of its construct (`RunCommand`) and returns the execution's ARN. */
  async start(runbook: string, input: object, name?: string): Promise<string> {
    const { executionArn = '' } = await this.call<StartExecutionCommandOutput>('states', 'StartExecution', {
      stateMachineArn: this.output(`${runbook}StateMachineArn`),
      input: JSON.stringify(input),
      name,
    });
    return executionArn;
  }

  /** Every execution of a runbook, by the id of its construct. */
  async executions(runbook: string): Promise<ExecutionListItem[]> {
    const { executions = [] } = await this.call<ListExecutionsCommandOutput>('states', 'ListExecutions', {
      stateMachineArn: this.output(`${runbook}StateMachineArn`),
      maxResults: 1000,
    });
    return executions;
  }

  describe(executionArn: string): Promise<DescribeExecutionCommandOutput> {
    return this.call('states', 'DescribeExecution', { executionArn });
  }

  /** Moves time on until everything that was set off is done. */
  async finish(): Promise<void> {
    await this.sandbox.clock.runUntilQuiet(this.sandbox.clock.now() + 3 * 86_400_000);
  }

  /** As `finish`; answers with the least that was counted after everything that happened meanwhile. */
  async leastUntilQuiet(count: () => number): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    const { clock } = this.sandbox;
    await clock.runUntilQuiet(clock.now() + 3 * 86_400_000, () => {
      least = Math.min(least, count());
    });
    return least;
  }

  /** Moves time on until the execution has ended and everything that it set off is done too. */
  async settle(executionArn: string): Promise<DescribeExecutionCommandOutput> {
    await this.finish();
    return this.describe(executionArn);
  }

  async run(runbook: string, input: object, name?: string): Promise<DescribeExecutionCommandOutput> {
    return this.settle(await this.start(runbook, input, name));
  }

  async history(executionArn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.call<GetExecutionHistoryCommandOutput>('states', 'GetExecutionHistory', {
        executionArn,
        maxResults: 1000,
        nextToken,
      });
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return events;
  }

  /** The result row of an execution, as DynamoDB holds it. */
  async row(executionArn: string): Promise<Record<string, AttributeValue> | undefined> {
    const { Item } = await this.call<GetItemCommandOutput>('dynamodb', 'GetItem', {
      TableName: this.output('ResultTableName'),
      Key: { executionArn: { S: executionArn } },
      ConsistentRead: true,
    });
    return Item;
  }

  /** The executions that hold locks, by what is locked. */
  async locks(): Promise<Record<string, string>> {
    const TableName = this.output('LockTableName');
    const { Items = [] } = await this.call<ScanCommandOutput>('dynamodb', 'Scan', { TableName, ConsistentRead: true });
    const held = Items.filter(({ executionArn }) => executionArn !== undefined);
    return Object.fromEntries(held.map(({ target, executionArn }) => [target?.S ?? '', executionArn?.S ?? '']));
  }

  /** Takes every lock out of the table, so that what comes next finds it as it was. */
  async dropLocks(): Promise<void> {
    const TableName = this.output('LockTableName');
    for (const target of Object.keys(await this.locks()))
      await this.call('dynamodb', 'DeleteItem', { TableName, Key: { target: { S: target } } });
  }

  /** Leaves a lock in the table as an execution of a runbook would that is not known any more. */
  async leaveLock(target: string, runbook = 'RunCommand'): Promise<void> {
    await this.call('dynamodb', 'PutItem', {
      TableName: this.output('LockTableName'),
      Item: {
        target: { S: target },
        executionArn: {
          S: `${this.output(`${runbook}StateMachineArn`).replace(':stateMachine:', ':execution:')}:gone`,
        },
        redriveCount: { N: '0' },
        runbook: { S: runbook },
        acquiredAt: { S: new Date(this.sandbox.clock.now() - 86_400_000).toISOString() },
      },
    });
  }

  /** What a function, by the output that names it, has logged with a text in it, at or after a time. */
  async logged(functionOutput: string, text: string, since?: Date): Promise<string[]> {
    const FunctionName = this.output(functionOutput);
    const { LoggingConfig } = await this.call<GetFunctionConfigurationCommandOutput>(
      'lambda',
      'GetFunctionConfiguration',
      { FunctionName },
    );
    const { events = [] } = await this.call<FilterLogEventsCommandOutput>('logs', 'FilterLogEvents', {
      logGroupName: LoggingConfig?.LogGroup,
      filterPattern: `"${text}"`,
      startTime: since?.getTime(),
    });
    return events.map(({ message = '' }) => message);
  }

  /** What the runbooks have published, oldest first. */
  notifications(): readonly PublishedMessage[] {
    return this.sandbox.sns.messages(this.output('NotificationTopicArn'));
  }

  /** Events that could not be delivered to complete-execution. */
  async deadLetters(): Promise<Message[]> {
    const QueueUrl = this.output('CompleteExecutionDeadLettersUrl');
    const { Messages = [] } = await this.call<ReceiveMessageCommandOutput>('sqs', 'ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      VisibilityTimeout: 0,
    });
    return Messages;
  }

  /** Takes them out of their queue, so that what comes next finds it empty. */
  async dropDeadLetters(): Promise<void> {
    const QueueUrl = this.output('CompleteExecutionDeadLettersUrl');
    for (const { ReceiptHandle } of await this.deadLetters())
      await this.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
  }

  /** Every command there is, or those requested at or after a time. */
  async commands(since?: Date): Promise<Command[]> {
    const commands: Command[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.call<ListCommandsCommandOutput>('ssm', 'ListCommands', { MaxResults: 50, NextToken });
      commands.push(...(page.Commands ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined && NextToken !== '');
    return commands.filter(({ RequestedDateTime }) => since === undefined || (RequestedDateTime ?? since) >= since);
  }

  async invocations(CommandId?: string): Promise<CommandInvocation[]> {
    const page = await this.call<ListCommandInvocationsCommandOutput>('ssm', 'ListCommandInvocations', { CommandId });
    return page.CommandInvocations ?? [];
  }
}

/** The stacks in a fresh sandbox; whoever asks for it closes its sandbox. */
export async function createLab(setup: Setup = {}): Promise<Lab> {
  return new Lab(
    await createSandbox({
      clock: new VirtualClock(),
      assembly: testAssembly(),
      fleet: testFleet,
      holdSchedules: true,
      ...setup,
    }),
  );
}

/** Deploys into a fresh sandbox, runs `body`, and takes everything down again. */
export async function inLab<T>(setup: Setup, body: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = await createLab(setup);
  try {
    return await body(lab);
  } finally {
    await lab.sandbox.close();
  }
}
