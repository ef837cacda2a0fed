import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { AnswerLost, AwsError } from '../../core/aws-error.ts';
import { StateFailure } from '../failure.ts';
import { isObject, type Json } from '../json.ts';
import type { Attempt } from '../tasks/attempt.ts';
import { serviceFailure } from '../tasks/errors.ts';
import type { Resource } from '../tasks/resource.ts';
import type { Frame } from './frame.ts';

const DATES = new Set(['startDate', 'stopDate', 'redriveDate']);

function member(key: string, value: unknown, parse: boolean): Json {
  if (DATES.has(key)) return (value as Date).getTime();
  if (parse && (key === 'input' || key === 'output')) return JSON.parse(value as string) as Json;
  return isObject(value) ? envelope(value, false) : (value as Json);
}

/** A DescribeExecution answer as `.sync` gives it: upper camel case, sorted, dates in milliseconds. */
function envelope(output: object, parse: boolean): Json {
  const entries = Object.entries(output).filter(([key, value]) => key !== '$metadata' && value !== undefined);
  return Object.fromEntries(
    entries
      .map(([key, value]): [string, Json] => [key.charAt(0).toUpperCase() + key.slice(1), member(key, value, parse)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Stops the child of a task that is itself at its end, as Step Functions does as well as the role allows it. */
function stop(executionArn: string, frame: Frame): void {
  const { clock, dispatcher } = frame.platform.world;
  const { caller, arn } = frame.execution.start;
  clock.spawn(async () => {
    try {
      await dispatcher.call(caller, 'states', 'StopExecution', { executionArn }, { executionArn: arn });
    } catch (error) {
      // A refusal reaches nobody on AWS either: the child runs on, and the journal says why.
      if (!(error instanceof AwsError || error instanceof AnswerLost)) throw error;
    }
  });
}

/**
 * Waits for the execution that a `startExecution.sync` task started; stops it when the task ends first. Source:
 * Developer Guide, "Start workflow executions from a task state".
 */
export async function childResult(resource: Resource, answer: Json, attempt: Attempt, frame: Frame): Promise<Json> {
  const { platform } = frame;
  const { world } = platform;
  const executionArn = (answer as { readonly ExecutionArn: string }).ExecutionArn;
  const child = platform.findExecution(executionArn);
  if (child === undefined) throw new Error(`the execution ${executionArn} was started and cannot be found`);
  try {
    await world.clock.outside(attempt.race(child.ended));
  } catch (error) {
    stop(executionArn, frame);
    throw error;
  }
  const { caller, arn } = frame.execution.start;
  const described = await world.dispatcher
    .call(caller, 'states', 'DescribeExecution', { executionArn }, { executionArn: arn })
    .catch(async (error: unknown) => {
      throw await serviceFailure(error, resource, world);
    });
  const result = envelope(described as DescribeExecutionOutput, resource.pattern === 'sync:2');
  if (child.status === 'SUCCEEDED') return result;
  throw new StateFailure('States.TaskFailed', JSON.stringify(result));
}
