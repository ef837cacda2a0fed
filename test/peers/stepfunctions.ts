import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type {
  DescribeExecutionOutput,
  DescribeStateMachineOutput,
  HistoryEvent,
  StateMachineListItem,
} from '@aws-sdk/client-sfn';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsCli } from './aws-cli.ts';
import type { Check } from './checks.ts';
import { DB_1, UNTAGGED, WEB_1 } from './fleet.ts';

interface Result {
  readonly status: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly bucket: string;
  readonly keyPrefix: string;
}

type Row = Readonly<Record<string, AttributeValue>>;

/** Executions of run-command, as somebody at a terminal starts, follows and stops them. */
class Executions {
  readonly machineArn: string;
  readonly #cli: AwsCli;

  constructor(cli: AwsCli) {
    this.#cli = cli;
    this.machineArn = cli.output('RunCommandStateMachineArn');
  }

  startArgs(name: string, input: object): string[] {
    return [
      ...['stepfunctions', 'start-execution', '--state-machine-arn', this.machineArn, '--name', name],
      ...['--input', JSON.stringify(input)],
    ];
  }

  async start(name: string, input: object): Promise<string> {
    return (await this.#cli.json<{ executionArn: string }>(...this.startArgs(name, input))).executionArn;
  }

  describe(executionArn: string): Promise<DescribeExecutionOutput> {
    return this.#cli.json('stepfunctions', 'describe-execution', '--execution-arn', executionArn);
  }

  ended(executionArn: string): Promise<DescribeExecutionOutput> {
    return this.#cli.until(
      () => this.describe(executionArn),
      ({ status }) => status !== 'RUNNING',
    );
  }

  async row(executionArn: string): Promise<Row> {
    const key = JSON.stringify({ executionArn: { S: executionArn } });
    const item = await this.#cli.json<{ Item: Row }>(
      ...[
        'dynamodb',
        'get-item',
        '--table-name',
        this.#cli.output('ResultTableName'),
        '--key',
        key,
        '--consistent-read',
      ],
    );
    return item.Item;
  }
}

/** A run from its start to the output in S3 and the row in DynamoDB. */
async function runs(check: Check, cli: AwsCli, executions: Executions): Promise<void> {
  const name = randomUUID();
  const input = { instanceId: DB_1, commands: ['cat /data/pg/PG_VERSION', 'echo "done: $(hostname)"'] };
  let executionArn = '';
  let result: Result | undefined;

  await check('start-execution starts run-command; describe-execution has its result', async () => {
    executionArn = await executions.start(name, input);
    const { status, output, error, cause } = await executions.ended(executionArn);
    assert.equal(status, 'SUCCEEDED', `${error ?? ''}: ${cause ?? ''}`);
    result = JSON.parse(output ?? '') as Result;
    assert.deepEqual([result.status, result.exitCode], ['Success', 0]);
    assert.match(result.stdout, /^16\ndone: ip-10-0-0-\d+/);
  });
  await check('get-execution-history tells it from start to end, forwards and backwards', async () => {
    const history = (...more: string[]) =>
      cli.json<{ events: HistoryEvent[] }>(
        ...['stepfunctions', 'get-execution-history', '--execution-arn', executionArn, ...more],
      );
    const { events } = await history();
    assert.deepEqual([events[0]?.type, events.at(-1)?.type], ['ExecutionStarted', 'ExecutionSucceeded']);
    const entered = events.flatMap(({ stateEnteredEventDetails: details }) => details?.name ?? []);
    assert.deepEqual([entered[0], entered.at(-1)], ['ValidateTarget', 'ReportResult']);
    const { events: backwards } = await history('--reverse-order', '--max-items', '1');
    assert.equal(backwards[0]?.id, events.length);
  });
  await check('the same name with another input is ExecutionAlreadyExists', () =>
    cli.refused(
      'ExecutionAlreadyExists',
      /^Execution Already Exists: 'arn:/,
      executions.startArgs(name, { ...input, comment: 'x' }),
    ),
  );
  await check('s3 ls and s3 cp find all that the command printed', async () => {
    assert(result !== undefined, 'the run above failed');
    const prefix = `s3://${result.bucket}/${result.keyPrefix}`;
    const listed = await cli.text('s3', 'ls', '--recursive', `${prefix}/`);
    assert.match(listed, /stdout/);
    const folder = await mkdtemp(join(tmpdir(), 'peers-'));
    try {
      const key = / (\S+stdout)$/m.exec(listed)?.[1] ?? '';
      await cli.text('s3', 'cp', '--quiet', `s3://${result.bucket}/${key}`, join(folder, 'stdout'));
      assert.equal(await readFile(join(folder, 'stdout'), 'utf8'), result.stdout);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  await check('dynamodb get-item finds the row of the result table', async () => {
    const { status, finishedAt, targets } = await executions.row(executionArn);
    assert.equal(status?.S, 'SUCCEEDED');
    assert(finishedAt?.S !== undefined, 'finishedAt is set');
    assert.equal(targets?.L?.[0]?.M?.['instanceId']?.S, DB_1);
  });
}

/** An execution that is stopped: its command is cancelled and its row completed, by the rule on its status. */
async function stops(check: Check, cli: AwsCli, executions: Executions): Promise<void> {
  await check('stop-execution aborts it; the command is cancelled and the row completed', async () => {
    const executionArn = await executions.start(randomUUID(), { instanceId: WEB_1, commands: ['sleep 900'] });
    const commandsOfWeb = ['ssm', 'list-commands', '--instance-id', WEB_1, '--output', 'text'];
    const status = ['--query', "Commands[?Parameters.commands[0]=='sleep 900'].Status | [0]"];
    const commandIs = (wanted: string) =>
      cli.until(
        () => cli.text(...commandsOfWeb, ...status),
        (answer) => answer.trim() === wanted,
      );
    await commandIs('InProgress');
    await cli.json(
      ...['stepfunctions', 'stop-execution', '--execution-arn', executionArn],
      ...['--error', 'Changed', '--cause', 'no longer needed'],
    );
    const { status: ended, error, cause } = await executions.describe(executionArn);
    assert.deepEqual([ended, error, cause], ['ABORTED', 'Changed', 'no longer needed']);
    await commandIs('Cancelled');
    await cli.until(
      () => executions.row(executionArn),
      (row) => row['status']?.S === 'ABORTED' && row['finishedAt'] !== undefined,
    );
  });
}

/** What Step Functions refuses, in its words. */
async function refuses(check: Check, cli: AwsCli, { machineArn }: Executions): Promise<void> {
  await check('list-state-machines and describe-state-machine show the runbook', async () => {
    const { stateMachines: machines } = await cli.json<{ stateMachines: StateMachineListItem[] }>(
      ...['stepfunctions', 'list-state-machines'],
    );
    assert(machines.some(({ stateMachineArn: arn }) => arn === machineArn));
    const described = await cli.json<DescribeStateMachineOutput>(
      ...['stepfunctions', 'describe-state-machine', '--state-machine-arn', machineArn],
    );
    assert.equal((JSON.parse(described.definition ?? '') as { StartAt: string }).StartAt, 'ValidateTarget');
  });
  await check('an unknown state machine is StateMachineDoesNotExist', () =>
    cli.refused('StateMachineDoesNotExist', /^State Machine Does Not Exist: /, [
      ...['stepfunctions', 'start-execution', '--state-machine-arn', `${machineArn}-2`],
    ]),
  );
  await check('an unknown execution is ExecutionDoesNotExist, whatever is asked', async () => {
    const executionArn = `${machineArn.replace(':stateMachine:', ':execution:')}:nobody`;
    for (const operation of ['describe-execution', 'get-execution-history', 'stop-execution'])
      await cli.refused('ExecutionDoesNotExist', /^Execution Does Not Exist: /, [
        ...['stepfunctions', operation, '--execution-arn', executionArn],
      ]);
  });
  await check('an input that is no JSON is InvalidExecutionInput', () =>
    cli.refused('InvalidExecutionInput', /./, [
      ...['stepfunctions', 'start-execution', '--state-machine-arn', machineArn, '--input', '{instanceId}'],
    ]),
  );
  await check('a definition with an unsupported feature is refused by the name of the feature', async () => {
    const define = (state: object) => [
      ...[
        'stepfunctions',
        'create-state-machine',
        '--name',
        'unsupported',
        '--role-arn',
        'arn:aws:iam::123456789012:role/any',
      ],
      ...['--definition', JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'A', States: { A: state } })],
    ];
    const batch = { Type: 'Task', Resource: 'arn:aws:states:::batch:submitJob.sync', Arguments: {}, End: true };
    await cli.refused('InvalidDefinition', /batch:submitJob\.sync/, define(batch));
    await cli.refused('InvalidDefinition', /JSONPath/, define({ Type: 'Pass', QueryLanguage: 'JSONPath', End: true }));
  });
  await check('a refusal of the runbook has its name and what to do', async () => {
    const executions = new Executions(cli);
    const { status, error, cause } = await executions.ended(
      await executions.start(randomUUID(), { instanceId: UNTAGGED, commands: ['id'] }),
    );
    assert.deepEqual([status, error], ['FAILED', 'TargetNotAllowed']);
    assert.match(cause ?? '', /aws ec2 create-tags/);
  });
}

/** Step Functions, in AWS JSON 1.0, and what a runbook leaves in S3 and DynamoDB. */
export async function stepfunctions(check: Check, cli: AwsCli): Promise<void> {
  const executions = new Executions(cli);
  await runs(check, cli, executions);
  await stops(check, cli, executions);
  await refuses(check, cli, executions);
}
