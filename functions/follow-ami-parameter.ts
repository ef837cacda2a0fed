import { ExecutionAlreadyExists, StartExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from './lib/zod.ts';
import { sfnClient, ssmClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { ParameterNotFound } from './lib/errors.ts';
import { executionArnOf } from './lib/machines.ts';
import { rolloutName } from './lib/rollout/execution-name.ts';
import { readParameter } from './lib/rollout/parameter.ts';
import { ParameterState, type Trigger } from './lib/schemas/ami-rollout.ts';
import { ParameterName } from './lib/schemas/rollout-policy.ts';
import { task } from './lib/task.ts';

const { STATE_MACHINE_ARN } = readEnv({ STATE_MACHINE_ARN: z.string().check(z.minLength(1)) });
const [sfn, ssm] = [sfnClient(), ssmClient()];

/** What the drift check asks for. */
export const Input = z.strictObject({ parameter: ParameterName, trigger: z.literal('drift') });

/** Source: Systems Manager User Guide, "Reference: Amazon EventBridge event patterns and types for Systems Manager". */
const ParameterStoreChange = z.object({
  'detail-type': z.literal('Parameter Store Change'),
  detail: z.object({ name: ParameterName, operation: z.enum(['Create', 'Update']) }),
});

/** Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail". */
const RecordedCall = z.object({
  'detail-type': z.literal('AWS API Call via CloudTrail'),
  detail: z.object({
    eventName: z.literal('PutParameter'),
    requestParameters: z.object({ name: ParameterName }),
  }),
});

const Asked = z.union([Input, ParameterStoreChange, RecordedCall], {
  error:
    'must be an event Parameter Store Change (Create, Update), a call of PutParameter, or { parameter, trigger: "drift" }',
});
type Asked = z.infer<typeof Asked>;

const Started = z.strictObject({
  status: z.enum(['Started', 'AlreadyStarted']),
  ...ParameterState.shape,
  executionArn: z.string(),
});
/** The parameter was deleted meanwhile. */
const Gone = z.strictObject({ status: z.literal('Gone'), parameter: ParameterName });
export const Output = z.discriminatedUnion('status', [Started, Gone]);

/**
 * Starts ami-rollout for the version that a parameter has now, once for each: what an event says of it is not asked, because
 * events come twice, late and in any order. Source: SSM GetParameter, Step Functions StartExecution.
 */
export const handler = task({ input: Asked, output: Output, target: parameterOf }, async (asked) => {
  const parameter = parameterOf(asked);
  const state = await stateOf(parameter);
  if (state === undefined) return { status: 'Gone' as const, parameter };
  const name = rolloutName(state);
  const { version, lastModified } = state;
  const trigger: z.infer<typeof Trigger> = 'trigger' in asked ? asked.trigger : 'parameter-change';
  const input = JSON.stringify({ parameter, metadata: { trigger, version, lastModified } });
  const status = await start(name, input);
  return { status, ...state, executionArn: executionArnOf(STATE_MACHINE_ARN, name) };
});

function parameterOf(asked: Asked): string {
  if ('trigger' in asked) return asked.parameter;
  const { detail } = asked;
  return 'requestParameters' in detail ? detail.requestParameters.name : detail.name;
}

async function stateOf(parameter: string): Promise<ParameterState | undefined> {
  try {
    return (await readParameter(ssm, parameter)).state;
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

async function start(name: string, input: string): Promise<'Started' | 'AlreadyStarted'> {
  try {
    await sfn.send(new StartExecutionCommand({ stateMachineArn: STATE_MACHINE_ARN, name, input }));
    return 'Started';
  } catch (error) {
    // Ended, or begun by the other trigger.
    if (error instanceof ExecutionAlreadyExists) return 'AlreadyStarted';
    throw error;
  }
}
