import { AwsError } from '../core/aws-error.ts';
import type { ServiceId } from '../core/service.ts';

interface Answer {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

const THROTTLED: Readonly<Partial<Record<ServiceId, Answer>>> = {
  ec2: { code: 'RequestLimitExceeded', status: 503, message: 'Request limit exceeded.' },
  lambda: { code: 'TooManyRequestsException', status: 429, message: 'Rate Exceeded.' },
  s3: { code: 'SlowDown', status: 503, message: 'Please reduce your request rate.' },
  sns: { code: 'Throttled', status: 429, message: 'Rate exceeded' },
  sqs: { code: 'RequestThrottled', status: 400, message: 'Request is throttled.' },
};

const FAILED: Readonly<Partial<Record<ServiceId, Omit<Answer, 'message'>>>> = {
  ec2: { code: 'InternalError', status: 500 },
  events: { code: 'InternalException', status: 500 },
  lambda: { code: 'ServiceException', status: 500 },
  logs: { code: 'ServiceUnavailableException', status: 503 },
  s3: { code: 'InternalError', status: 500 },
  sns: { code: 'InternalError', status: 500 },
  sqs: { code: 'InternalError', status: 500 },
};

/** How a service says that it is called too often. */
export function throttled(service: ServiceId): AwsError {
  const { code, message, status } = THROTTLED[service] ?? {
    code: 'ThrottlingException',
    message: 'Rate exceeded',
    status: 400,
  };
  return new AwsError(code, message, status);
}

/** How a service says that it failed by itself. */
export function failed(service: ServiceId): AwsError {
  const { code, status } = FAILED[service] ?? { code: 'InternalServerError', status: 500 };
  return new AwsError(code, 'An internal error occurred.', status);
}
