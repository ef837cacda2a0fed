import { AwsError } from '../core/aws-error.ts';

/** Errors of the Lambda API; `Type` is in each of them. See the "Errors" of each operation in the Lambda API Reference. */
const lambdaError = (
  code: string,
  message: string,
  status: number,
  members: Readonly<Record<string, string>> = {},
): AwsError => new AwsError(code, message, status, { Type: 'User', ...members });

export const functionNotFound = (arn: string): AwsError =>
  lambdaError('ResourceNotFoundException', `Function not found: ${arn}`, 404);

export const resourceNotFound = (message: string): AwsError => lambdaError('ResourceNotFoundException', message, 404);

export const invalidParameter = (message: string): AwsError =>
  lambdaError('InvalidParameterValueException', message, 400);

export const resourceConflict = (message: string): AwsError => lambdaError('ResourceConflictException', message, 409);

export const invalidRequestContent = (reason: string): AwsError =>
  lambdaError(
    'InvalidRequestContentException',
    `Could not parse request body into json: Could not parse payload into json: ${reason}`,
    400,
  );

export const requestTooLarge = (limit: number): AwsError =>
  lambdaError(
    'RequestTooLargeException',
    `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
    413,
  );

export const tooManyRequests = (reason: string): AwsError =>
  lambdaError('TooManyRequestsException', 'Rate Exceeded.', 429, { Reason: reason });
