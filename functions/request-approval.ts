import { createHash } from 'node:crypto';
import * as z from './lib/zod.ts';
import { dynamoDbClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { Approvals } from './lib/rollout/approvals.ts';
import { RolloutTable } from './lib/rollout/rollout-table.ts';
import { PlanSummary, Rollout } from './lib/schemas/ami-rollout-run.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { task } from './lib/task.ts';

const { ROLLOUT_TABLE } = readEnv({ ROLLOUT_TABLE: z.string() });
const dynamoDb = dynamoDbClient();
const approvals = new Approvals(dynamoDb, ROLLOUT_TABLE);
const table = new RolloutTable(dynamoDb, ROLLOUT_TABLE);

export const Input = z.strictObject({ execution: Execution, rollout: Rollout, plan: PlanSummary, now: Timestamp });
export const Output = z.strictObject({ status: z.literal('Requested'), approvalId: z.string(), expiresAt: Timestamp });

/**
 * Writes down what is to be approved, by an id that says nothing and opens nothing by itself; the same for every repeat.
 * Source: DynamoDB GetItem, PutItem.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ rollout }) => rollout.parameter },
  async ({ execution, rollout, now }) => {
    const approvalId = createHash('sha256').update(`approval|${execution.arn}`).digest('hex').slice(0, 32);
    const expiresAt = new Date(Date.parse(now) + rollout.policy.approvalTimeoutSeconds * 1000).toISOString();
    const { parameter, version, imageId } = rollout;
    // A roll-back writes the parameter in somebody's name, and the rollout of its event knows only the function that did.
    const requestedBy = [...new Set([...rollout.requestedBy, ...(await table.requestersOf(rollout))])];
    const asked = { approvalId, executionArn: execution.arn, parameter, version, imageId, requestedBy };
    await approvals.put({ ...asked, deadline: expiresAt });
    return { status: 'Requested' as const, approvalId, expiresAt };
  },
);
