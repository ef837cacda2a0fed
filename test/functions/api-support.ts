import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { ExecutionAlreadyExists, ExecutionDoesNotExist } from '@aws-sdk/client-sfn';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Context } from 'aws-lambda';
import { CONTEXT, fakeAws, INSTANCE, type Call } from './support.ts';

const MACHINE = 'arn:aws:states:eu-central-1:123456789012:stateMachine:Run-1';
const EXECUTIONS = 'arn:aws:states:eu-central-1:123456789012:execution:Run-1';
export const CALLER = 'arn:aws:iam::123456789012:user/ada';
export const REQUEST = { instance_id: INSTANCE, commands: ['uptime'] };
export const RESULT = {
  ...{ status: 'Failed', statusDetails: 'Failed', exitCode: 2, stdout: 'out', stderr: '', stdoutTruncated: false },
  ...{ commandId: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff', instanceId: INSTANCE, warnings: [] },
};

/** Settings of all the functions of the API; set before they are imported. */
Object.assign(process.env, {
  RUNBOOK: 'run-command',
  STATE_MACHINE_ARN: MACHINE,
  STATE_MACHINES: `run-command=${MACHINE}`,
  RESULT_TABLE: 'results',
  LOCK_TABLE: 'locks',
  ROLLOUT_TABLE: 'rollouts',
  WAIT_CONCURRENCY: '2',
});

export type Item = Readonly<Record<string, unknown>>;
type Input = Record<string, unknown>;
interface Update {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues: Parameters<typeof unmarshall>[0];
  readonly Key: Parameters<typeof unmarshall>[0];
  readonly TableName: string;
  readonly UpdateExpression: string;
}

const refused = (): Error =>
  new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });

/** Whether an item fulfils a condition: comparisons and attribute functions, joined by AND or by OR. */
function holds(condition: string, item: Item, values: Item): boolean {
  if (condition.includes(' OR ')) return condition.split(' OR ').some((part) => holds(part, item, values));
  return condition.split(' AND ').every((part) => {
    const [, not, exists] = /^attribute_(not_)?exists\((\w+)\)$/.exec(part) ?? [];
    if (exists !== undefined) return exists in item === (not === undefined);
    const [, name = '', operator, value = ''] = /^(\w+) ([<=]) (:\w+)$/.exec(part) ?? [];
    if (operator === undefined) throw new Error(`the test does not know the condition ${part}`);
    if (!(name in item)) return false;
    return operator === '=' ? item[name] === values[value] : Number(item[name]) < Number(values[value]);
  });
}

/** An item after an update: REMOVE of one attribute, or SET of some, where they are not there before or always. */
function updated(update: Update, item: Item): Item {
  const { UpdateExpression, ConditionExpression, ExpressionAttributeNames: names = {} } = update;
  const named = (text: string): string => text.replaceAll(/#\w+/g, (name) => names[name] ?? name);
  const values: Item = unmarshall(update.ExpressionAttributeValues);
  if (!holds(named(ConditionExpression), item, values)) throw refused();
  const [, action, rest = ''] = /^(SET|REMOVE) (.+)$/.exec(named(UpdateExpression)) ?? [];
  if (action === 'REMOVE') return Object.fromEntries(Object.entries(item).filter(([name]) => name !== rest));
  const clauses = rest.matchAll(/(\w+) = (?:(:\w+)|if_not_exists\(\1, (:\w+)\))/g);
  const set = [...clauses].map(([, name = '', always = '', first]) => [
    name,
    first === undefined ? values[always] : (item[name] ?? values[first]),
  ]);
  return { ...item, ...(Object.fromEntries(set) as Item) };
}

/** The two tables and Step Functions, as much as the API uses of them, in memory. */
export class Aws {
  readonly rows = new Map<string, Item>();
  /** The items of the rollout table, by their id. */
  readonly rollouts = new Map<string, Item>();
  slots: Record<string, number> = {};
  /** Executions by name, and what they were started with. */
  readonly executions = new Map<string, { input: string; running: boolean }>();
  readonly calls: readonly Call[];
  /** What is done before and after calls, by operation; it may throw. */
  readonly before: Record<string, () => void> = {};
  readonly after: Record<string, () => void> = {};

  constructor() {
    const answers = {
      GetItem: (input: Input) => this.#get(input as unknown as Update),
      PutItem: (input: Input) => this.#put(input),
      UpdateItem: (input: Input) => this.#update(input as unknown as Update),
      StartExecution: (input: Input) => this.#start(input as { name: string; input: string }),
      StopExecution: (input: Input) => this.#stop(input as { executionArn: string }),
      SendTaskSuccess: () => ({}),
      SendTaskFailure: () => ({}),
    };
    this.calls = fakeAws(
      Object.fromEntries(
        Object.entries(answers).map(([operation, answer]) => [
          operation,
          (input: Input) => {
            this.before[operation]?.();
            const output = answer(input);
            this.after[operation]?.();
            return output;
          },
        ]),
      ),
    );
  }

  /** Writes into the row of an execution, as its runbook does. */
  record(name: string, change: Item): void {
    const executionArn = `${EXECUTIONS}:${name}`;
    this.rows.set(executionArn, { executionArn, ...this.rows.get(executionArn), ...change });
  }

  count(operation: string): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  #get({ TableName, Key }: Update): object {
    if (TableName === 'locks') return { Item: marshall({ target: 'api-waits', ...this.slots }) };
    const key = unmarshall(Key);
    const row =
      TableName === 'rollouts' ? this.rollouts.get(String(key['id'])) : this.rows.get(String(key['executionArn']));
    return row === undefined ? {} : { Item: marshall(row) };
  }

  #put({ Item: item, ConditionExpression }: Input): object {
    const row = unmarshall(item as Update['Key']);
    const arn = String(row['executionArn']);
    if (!holds(String(ConditionExpression), this.rows.get(arn) ?? {}, {})) throw refused();
    this.rows.set(arn, row);
    return {};
  }

  #update(update: Update): object {
    const ofSlots = update.TableName === 'locks';
    if (update.TableName === 'rollouts') return this.#updateRollout(update);
    const arn = String(unmarshall(update.Key)['executionArn']);
    const changed = updated(update, ofSlots ? this.slots : (this.rows.get(arn) ?? {}));
    if (ofSlots) this.slots = changed as Record<string, number>;
    else this.rows.set(arn, changed);
    return {};
  }

  #updateRollout(update: Update): object {
    const id = String(unmarshall(update.Key)['id']);
    const changed = updated(update, this.rollouts.get(id) ?? {});
    this.rollouts.set(id, changed);
    return { Attributes: marshall(changed) };
  }

  #start({ name, input }: { name: string; input: string }): object {
    const there = this.executions.get(name);
    if (there !== undefined && !(there.running && there.input === input))
      throw new ExecutionAlreadyExists({ message: `Execution Already Exists: '${EXECUTIONS}:${name}'`, $metadata: {} });
    this.executions.set(name, { input, running: true });
    return { executionArn: `${EXECUTIONS}:${name}`, startDate: new Date() };
  }

  #stop({ executionArn }: { executionArn: string }): object {
    const execution = this.executions.get(executionArn.slice(EXECUTIONS.length + 1));
    if (execution === undefined)
      throw new ExecutionDoesNotExist({ message: `Execution Does Not Exist: '${executionArn}'`, $metadata: {} });
    execution.running = false;
    return { stopDate: new Date() };
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** All of it, to look for what must not be in it. */
  readonly text: string;
}

export interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly requestId?: string;
  readonly authorizer?: object;
  /** Changes of the event itself. */
  readonly event?: object;
}

const TIME = Date.parse('2026-01-05T09:00:00Z');

/** The event of a request, in payload format 2.0. */
function httpEvent({ body, headers, query, parameters, path = '/run-commands', ...asked }: Asked): object {
  return {
    version: '2.0',
    routeKey: `POST ${path}`,
    rawPath: path,
    headers: { 'content-type': 'application/json', ...headers },
    ...(query !== undefined && { queryStringParameters: query }),
    ...(parameters !== undefined && { pathParameters: parameters }),
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    isBase64Encoded: false,
    requestContext: {
      requestId: asked.requestId ?? 'request-1',
      timeEpoch: TIME,
      authorizer: asked.authorizer ?? { iam: { userArn: CALLER } },
    },
    ...asked.event,
  };
}

type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** Asks a function as API Gateway does. */
export async function ask(handler: Handler, asked: Asked, remaining = () => 29_000): Promise<Answer> {
  const context = { ...CONTEXT, getRemainingTimeInMillis: remaining };
  const answer = (await handler(httpEvent(asked), context)) as {
    statusCode: number;
    headers: Record<string, string>;
    body: string;
  };
  const { statusCode: status, headers, body } = answer;
  return { status, headers, body: JSON.parse(body) as Answer['body'], text: JSON.stringify(answer) };
}
