import * as z from './lib/zod.ts';
import { dynamoDbClient, sfnClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { TargetLocked } from './lib/errors.ts';
import { acquireAll } from './lib/locks/acquire.ts';
import { livenessAt } from './lib/locks/is-alive.ts';
import { LockTable, type Lock } from './lib/locks/lock-table.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { LockTarget, MOST_LOCKS, RedriveCount } from './lib/schemas/lock.ts';
import { task } from './lib/task.ts';

const { LOCK_TABLE, LOCK_INDEX } = readEnv({ LOCK_TABLE: z.string(), LOCK_INDEX: z.string() });
const locks = new LockTable(dynamoDbClient(), { name: LOCK_TABLE, index: LOCK_INDEX });
const sfn = sfnClient();

export const Input = z.strictObject({
  execution: Execution,
  redriveCount: RedriveCount,
  targets: z.array(LockTarget).check(z.minLength(1), z.maxLength(MOST_LOCKS)),
  now: Timestamp,
});
export const Output = z.strictObject({ status: z.literal('Acquired') });

/**
 * Locks targets for an execution, all of them or none. A lock whose holder no longer runs is taken over; one whose holder
 * runs throws TargetLocked, which names both. Asked again it does no harm. Source: DynamoDB UpdateItem, Step Functions
 * DescribeExecution.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ targets }) => targets.join() },
  async ({ execution, redriveCount, targets, now }) => {
    const holder = { executionArn: execution.arn, redriveCount, runbook: execution.runbook };
    const inTheWay = await acquireAll(locks, targets, { holder, now, isAlive: livenessAt(sfn, now) });
    if (inTheWay !== undefined) throw new TargetLocked(explanation(inTheWay));
    return { status: 'Acquired' as const };
  },
);

const explanation = ({ target, runbook, executionArn, acquiredAt }: Lock): string =>
  `${target.replace('/', ' ')} is locked by an execution of ${runbook} since ${acquiredAt}. ` +
  `To look at it: aws stepfunctions describe-execution --execution-arn ${executionArn}`;
