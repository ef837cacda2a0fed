import * as z from './lib/zod.ts';
import { dynamoDbClient } from './lib/clients.ts';
import { each } from './lib/each.ts';
import { readEnv } from './lib/env.ts';
import { LockTable } from './lib/locks/lock-table.ts';
import { Execution } from './lib/schemas/common.ts';
import { LockTarget, MOST_LOCKS, RedriveCount } from './lib/schemas/lock.ts';
import { task } from './lib/task.ts';

const { LOCK_TABLE, LOCK_INDEX } = readEnv({ LOCK_TABLE: z.string(), LOCK_INDEX: z.string() });
const locks = new LockTable(dynamoDbClient(), { name: LOCK_TABLE, index: LOCK_INDEX });

/** `targets: null` means whatever the execution holds. Locks of a later redrive than `redriveCount` are not its own. */
export const Input = z.strictObject({
  execution: Execution,
  redriveCount: RedriveCount,
  targets: z.nullable(z.array(LockTarget).check(z.minLength(1), z.maxLength(MOST_LOCKS))),
});
export const Output = z.strictObject({ status: z.literal('Released') });

/**
 * Gives locks of an execution back; those that somebody else holds stay. All of them are found by an index that is
 * eventually consistent: a lock of the last second may be missed, and is taken over by who wants it next.
 * Source: DynamoDB DeleteItem, Query.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ targets }) => targets?.join() ?? 'all' },
  async ({ execution, redriveCount, targets }) => {
    const held = [...(targets ?? [])];
    if (targets === null) for await (const target of locks.heldBy(execution.arn)) held.push(target);
    await each(held, (target) => locks.give(target, { executionArn: execution.arn, redriveCount }));
    return { status: 'Released' as const };
  },
);
