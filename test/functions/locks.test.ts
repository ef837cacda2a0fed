import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from '@jest/globals';
import { CONTEXT, EXECUTION, fakeAws, INSTANCE, START } from './support.ts';

Object.assign(process.env, { LOCK_TABLE: 'locks', LOCK_INDEX: 'by-execution' });
const { handler: acquire } = await import('../../functions/acquire-locks.ts');
const { handler: release } = await import('../../functions/release-locks.ts');

const TARGET = `instance/${INSTANCE}`;
const HOLDER = 'arn:aws:states:eu-central-1:123456789012:execution:other:two';
const Item = {
  target: { S: TARGET },
  executionArn: { S: HOLDER },
  redriveCount: { N: '0' },
  runbook: { S: 'fleet-command' },
  acquiredAt: { S: START },
};
const held = () => Promise.reject(new ConditionalCheckFailedException({ message: 'no', $metadata: {}, Item }));
const input = { execution: EXECUTION, redriveCount: 0, targets: [TARGET], now: START };

describe('acquire-locks', () => {
  it('locks, and asks Step Functions nothing', async () => {
    const calls = fakeAws({ UpdateItem: () => ({}) });
    expect(await acquire(input, CONTEXT)).toEqual({ status: 'Acquired' });
    expect(calls.map(({ operation }) => operation)).toEqual(['UpdateItem']);
  });

  it('names the target, who holds it and how to look at it', async () => {
    fakeAws({ UpdateItem: held, DescribeExecution: () => ({ status: 'RUNNING', redriveCount: 0 }) });
    await expect(acquire(input, CONTEXT)).rejects.toMatchObject({
      name: 'TargetLocked',
      message:
        `instance ${INSTANCE} is locked by an execution of fleet-command since ${START}. ` +
        `To look at it: aws stepfunctions describe-execution --execution-arn ${HOLDER}`,
    });
  });

  it('takes over from a holder that has ended', async () => {
    let attempts = 0;
    fakeAws({
      UpdateItem: () => (attempts++ === 0 ? held() : {}),
      DescribeExecution: () => ({ status: 'ABORTED', redriveCount: 0 }),
    });
    expect(await acquire(input, CONTEXT)).toEqual({ status: 'Acquired' });
  });

  it.each([
    ['no target', []],
    ['a target of no kind', ['volume/vol-1']],
    ['more than 50', Array.from({ length: 51 }, (_, index) => `instance/${index}`)],
  ])('takes no request for %s', async (_, targets) => {
    const calls = fakeAws({});
    await expect(acquire({ ...input, targets }, CONTEXT)).rejects.toMatchObject({ name: 'InvalidRequest' });
    expect(calls).toEqual([]);
  });
});

describe('release-locks', () => {
  const keys = (calls: ReturnType<typeof fakeAws>) =>
    calls.filter(({ operation }) => operation === 'DeleteItem').map(({ input: { Key } }) => Key);

  it('gives back what it is told to', async () => {
    const calls = fakeAws({ DeleteItem: () => ({}) });
    expect(await release({ execution: EXECUTION, redriveCount: 0, targets: [TARGET] }, CONTEXT)).toEqual({
      status: 'Released',
    });
    expect(keys(calls)).toEqual([{ target: { S: TARGET } }]);
  });

  it('gives back all that the execution holds', async () => {
    const calls = fakeAws({
      Query: () => ({ Items: [{ target: { S: 'a' } }, { target: { S: 'b' } }] }),
      DeleteItem: () => ({}),
    });
    await release({ execution: EXECUTION, redriveCount: 0, targets: null }, CONTEXT);
    expect(calls[0]?.input).toMatchObject({ IndexName: 'by-execution' });
    expect(keys(calls)).toEqual([{ target: { S: 'a' } }, { target: { S: 'b' } }]);
  });
});
