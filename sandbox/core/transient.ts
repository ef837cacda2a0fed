import { AnswerLost, AwsError } from './aws-error.ts';

const THROTTLES = new Set([
  'RequestLimitExceeded',
  'SlowDown',
  'Throttled',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestThrottled',
]);

export const isThrottle = (error: unknown): boolean => error instanceof AwsError && THROTTLES.has(error.code);

/** Whether trying again may help: a throttle, an error of the service's own, an answer that got lost. 501 will stay 501. */
export function isTransient(error: unknown): boolean {
  if (error instanceof AnswerLost || isThrottle(error)) return true;
  return error instanceof AwsError && error.status >= 500 && error.code !== 'NotImplemented';
}

/** Whether a service refused a delivery as AWS would. Anything else is a gap or a mistake in the sandbox, and must surface. */
export function isRefusal(error: unknown): error is AwsError | AnswerLost {
  return error instanceof AnswerLost || (error instanceof AwsError && error.code !== 'NotImplemented');
}
