import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, it, jest } from '@jest/globals';
import { livenessAt } from '../../../../functions/lib/locks/is-alive.ts';
import { LockTable, type Lock } from '../../../../functions/lib/locks/lock-table.ts';
import { after, awsError, START } from '../../support.ts';

const ME = { executionArn: 'arn:me', redriveCount: 1, runbook: 'run-command' };

/** A table whose calls are answered in turn. */
function table(...answers: (object | Error)[]) {
  const client = new DynamoDBClient({});
  const inputs: Record<string, unknown>[] = [];
  const send = async (command: { readonly input: Record<string, unknown> }): Promise<unknown> => {
    inputs.push(command.input);
    const answer = answers.shift();
    return answer instanceof Error ? Promise.reject(answer) : answer;
  };
  jest.spyOn(client, 'send').mockImplementation(send as never);
  return { inputs, locks: new LockTable(client, { name: 'locks', index: 'by-execution' }) };
}

const refused = (item?: object) =>
  new ConditionalCheckFailedException({ message: 'no', $metadata: {}, ...(item && { Item: item as never }) });
const ITEM = {
  target: { S: 'a' },
  executionArn: { S: 'arn:other' },
  redriveCount: { N: '2' },
  runbook: { S: 'other' },
  acquiredAt: { S: START },
  expiresAt: { N: '1' },
};
const OTHER: Lock = { target: 'a', executionArn: 'arn:other', redriveCount: 2, runbook: 'other', acquiredAt: START };

describe('the lock table', () => {
  it('takes a lock by one write, which it keeps for 400 days', async () => {
    const { locks, inputs } = table({});
    expect(await locks.take('a', ME, START)).toBeUndefined();
    expect(inputs).toMatchObject([
      {
        TableName: 'locks',
        Key: { target: { S: 'a' } },
        ConditionExpression:
          'attribute_not_exists(executionArn) OR (executionArn = :execution AND redriveCount <= :redrives)',
        ExpressionAttributeValues: {
          ':execution': { S: 'arn:me' },
          ':redrives': { N: '1' },
          ':expiresAt': { N: String(Date.parse(START) / 1000 + 400 * 86_400) },
        },
      },
    ]);
  });

  it('tells whose lock stands in the way', async () => {
    expect(await table(refused(ITEM)).locks.take('a', ME, START)).toEqual(OTHER);
  });

  it('takes over by the condition that the lock is still the one that was seen', async () => {
    const { locks, inputs } = table({});
    await locks.take('a', ME, START, OTHER);
    expect(inputs[0]).toMatchObject({
      ConditionExpression: expect.stringContaining('(executionArn = :oldExecution AND redriveCount = :oldRedrives)'),
      ExpressionAttributeValues: { ':oldExecution': { S: 'arn:other' }, ':oldRedrives': { N: '2' } },
    });
  });

  it('passes every other error on', async () => {
    await expect(table(awsError('AccessDeniedException')).locks.take('a', ME, START)).rejects.toThrow('AccessDenied');
    await expect(table(awsError('AccessDeniedException')).locks.give('a', ME)).rejects.toThrow('AccessDenied');
  });

  it('gives back what is its own, and takes it for done where it is not', async () => {
    const { locks, inputs } = table({}, refused());
    await locks.give('a', ME);
    await locks.give('a', ME);
    expect(inputs[0]).toMatchObject({
      ConditionExpression: 'executionArn = :execution AND redriveCount <= :redrives',
      ExpressionAttributeValues: { ':execution': { S: 'arn:me' }, ':redrives': { N: '1' } },
    });
  });

  it('finds what an execution holds, on every page', async () => {
    const { locks } = table(
      { Items: [{ target: { S: 'a' } }], LastEvaluatedKey: {} },
      { Items: [{ target: { S: 'b' } }] },
    );
    const found: string[] = [];
    for await (const target of locks.heldBy('arn:me')) found.push(target);
    expect(found).toEqual(['a', 'b']);
  });
});

describe('the holder of a lock', () => {
  function asked(answer: object | Error) {
    const client = new SFNClient({});
    const send = jest.fn(async () => (answer instanceof Error ? Promise.reject(answer) : answer));
    jest.spyOn(client, 'send').mockImplementation(send as never);
    return { client, send };
  }

  it.each<[string, object | Error, number, boolean]>([
    ['runs', { status: 'RUNNING', redriveCount: 2 }, 3600, true],
    ['waits to be redriven', { status: 'PENDING_REDRIVE', redriveCount: 2 }, 3600, true],
    ['has been aborted', { status: 'ABORTED', redriveCount: 2 }, 1, false],
    ['has succeeded', { status: 'SUCCEEDED', redriveCount: 3 }, 1, false],
    ['was redriven since, as far as one can know', { status: 'FAILED', redriveCount: 1 }, 1, true],
    ['is not known yet', awsError('ExecutionDoesNotExist'), 59, true],
    ['is not known any more', awsError('ExecutionDoesNotExist'), 60, false],
  ])('that %s', async (_, answer, seconds, alive) => {
    expect(await livenessAt(asked(answer).client, after(seconds))(OTHER)).toBe(alive);
  });

  it('is asked for once', async () => {
    const { client, send } = asked({ status: 'RUNNING', redriveCount: 2 });
    const isAlive = livenessAt(client, START);
    await Promise.all([isAlive(OTHER), isAlive({ ...OTHER, target: 'b' })]);
    expect(send).toHaveBeenCalledTimes(1);
  });

  it('that cannot be asked for is an error', async () => {
    await expect(livenessAt(asked(awsError('ThrottlingException')).client, START)(OTHER)).rejects.toThrow('Throttling');
  });
});
