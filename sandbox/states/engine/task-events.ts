import type { StateFailure } from '../failure.ts';
import type { Resource } from '../tasks/resource.ts';
import type { NewEvent } from './history.ts';

interface Limits {
  readonly timeoutInSeconds?: number;
  readonly heartbeatInSeconds?: number;
}

interface TaskEvents {
  scheduled(text: string, limits: Limits, region: string): NewEvent;
  started(): NewEvent;
  succeeded(output: string): NewEvent;
  failed(failure: StateFailure): NewEvent;
  timedOut(failure: StateFailure): NewEvent;
}

const truncated = false;

const why = ({ error, cause }: StateFailure) => ({
  ...(error !== undefined && { error }),
  ...(cause !== undefined && { cause }),
});

function functionEvents({ arn }: Resource): TaskEvents {
  return {
    scheduled: (input, { timeoutInSeconds }) => ({
      type: 'LambdaFunctionScheduled',
      lambdaFunctionScheduledEventDetails: {
        resource: arn,
        input,
        inputDetails: { truncated },
        ...(timeoutInSeconds !== undefined && { timeoutInSeconds }),
      },
    }),
    started: () => ({ type: 'LambdaFunctionStarted' }),
    succeeded: (output) => ({
      type: 'LambdaFunctionSucceeded',
      lambdaFunctionSucceededEventDetails: { output, outputDetails: { truncated } },
    }),
    failed: (failure) => ({ type: 'LambdaFunctionFailed', lambdaFunctionFailedEventDetails: why(failure) }),
    timedOut: (failure) => ({ type: 'LambdaFunctionTimedOut', lambdaFunctionTimedOutEventDetails: why(failure) }),
  };
}

function integrationEvents({ resourceType, resource }: Resource): TaskEvents {
  const what = { resourceType, resource };
  return {
    scheduled: (parameters, limits, region) => ({
      type: 'TaskScheduled',
      taskScheduledEventDetails: { ...what, region, parameters, ...limits },
    }),
    started: () => ({ type: 'TaskStarted', taskStartedEventDetails: what }),
    succeeded: (output) => ({
      type: 'TaskSucceeded',
      taskSucceededEventDetails: { ...what, output, outputDetails: { truncated } },
    }),
    failed: (failure) => ({ type: 'TaskFailed', taskFailedEventDetails: { ...what, ...why(failure) } }),
    timedOut: (failure) => ({ type: 'TaskTimedOut', taskTimedOutEventDetails: { ...what, ...why(failure) } }),
  };
}

/** The events around a task's call: one family for functions by ARN, one for all integrations. */
export const eventsOf = (resource: Resource): TaskEvents =>
  resource.kind === 'function' ? functionEvents(resource) : integrationEvents(resource);

/** The work was begun, and the task goes on waiting for it. */
export function submitted({ resourceType, resource }: Resource, output: string): NewEvent {
  return {
    type: 'TaskSubmitted',
    taskSubmittedEventDetails: { resourceType, resource, output, outputDetails: { truncated } },
  };
}

export function submitFailed({ resourceType, resource }: Resource, failure: StateFailure): NewEvent {
  return { type: 'TaskSubmitFailed', taskSubmitFailedEventDetails: { resourceType, resource, ...why(failure) } };
}
