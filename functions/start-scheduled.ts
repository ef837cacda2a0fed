import { createHash } from 'node:crypto';
import { ExecutionAlreadyExists, StartExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from './lib/zod.ts';
import { sfnClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { executionArnOf } from './lib/machines.ts';
import { Timestamp } from './lib/schemas/common.ts';
import { task } from './lib/task.ts';

const { STATE_MACHINE_ARN } = readEnv({ STATE_MACHINE_ARN: z.string().check(z.minLength(1)) });
const sfn = sfnClient();

export const Input = z.strictObject({ schedule: z.string().check(z.minLength(1)), scheduledTime: Timestamp });
export const Output = z.strictObject({ status: z.enum(['Started', 'AlreadyStarted']), executionArn: z.string() });

/**
 * Starts a runbook for a time of a schedule, once, however often the schedule asks. The time goes into the name without its
 * colons, which names may not have. Source: EventBridge Scheduler User Guide, "Adding context attributes"; StartExecution.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ schedule }) => schedule },
  async ({ schedule, scheduledTime }) => {
    const hash = createHash('sha256').update(schedule).digest('hex').slice(0, 16);
    const name = `schedule-${hash}-${new Date(scheduledTime).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
    const input = JSON.stringify({ metadata: { trigger: 'schedule', scheduledTime } });
    const executionArn = executionArnOf(STATE_MACHINE_ARN, name);
    try {
      await sfn.send(new StartExecutionCommand({ stateMachineArn: STATE_MACHINE_ARN, name, input }));
      return { status: 'Started' as const, executionArn };
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
      return { status: 'AlreadyStarted' as const, executionArn };
    }
  },
);
