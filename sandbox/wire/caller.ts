import { AwsError } from '../core/aws-error.ts';
import type { Credentials, Session } from '../core/credentials.ts';
import type { ServiceId } from '../core/service.ts';
import { isServiceId } from './api.ts';
import { header, type WireRequest } from './http.ts';

/** The credential scope of a signed request: who signed it, for which service. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly service: string;
}

const TARGETS: ReadonlyMap<string, ServiceId> = new Map([
  ['AmazonSSM', 'ssm'],
  ['AWSStepFunctions', 'states'],
  ['DynamoDB_20120810', 'dynamodb'],
  ['AWSEvents', 'events'],
  ['Logs_20140328', 'logs'],
  ['AmazonSQS', 'sqs'],
]);

/**
 * The scope in the Authorization header, or in the query of a presigned URL. Presigned URLs are S3's alone: nothing else
 * should happen because somebody followed a link.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
 */
export function credentialScope(request: WireRequest): CredentialScope | undefined {
  const inHeader = /Credential=([^,\s]+)/.exec(header(request, 'authorization') ?? '')?.[1];
  const [accessKeyId, , , service] = (inHeader ?? request.query.get('X-Amz-Credential') ?? '').split('/');
  if (accessKeyId === undefined || service === undefined) return undefined;
  return inHeader !== undefined || service === 's3' ? { accessKeyId, service } : undefined;
}

/** The service that a request is meant for, signed or not; undefined where nothing tells. */
export function serviceOf(request: WireRequest): ServiceId | undefined {
  const signed = credentialScope(request)?.service;
  if (signed !== undefined) return isServiceId(signed) ? signed : undefined;
  return TARGETS.get((header(request, 'x-amz-target') ?? '').split('.')[0] ?? '');
}

/**
 * The session of the access key that signed a request. The key is believed: the signature itself is not verified, and
 * what would verify it belongs here, where request and secret key come together.
 */
export function authenticate(request: WireRequest, service: ServiceId, credentials: Credentials): Session {
  const scope = credentialScope(request);
  if (scope === undefined) throw unsigned(service);
  const session = credentials.find(scope.accessKeyId);
  if (session === undefined) throw unknownKey(service, scope.accessKeyId);
  return session;
}

function unsigned(service: ServiceId): AwsError {
  switch (service) {
    case 's3':
      return new AwsError('AccessDenied', 'Access Denied', 403);
    case 'ec2':
    case 'sns':
    case 'sts':
      return new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
    default:
      return new AwsError('MissingAuthenticationTokenException', 'Request is missing Authentication Token', 403);
  }
}

function unknownKey(service: ServiceId, accessKeyId: string): AwsError {
  switch (service) {
    case 's3':
      return new AwsError(
        'InvalidAccessKeyId',
        'The AWS Access Key Id you provided does not exist in our records.',
        403,
        {
          AWSAccessKeyId: accessKeyId,
        },
      );
    case 'ec2':
      return new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
    case 'sns':
    case 'sts':
      return new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
    default:
      return new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.', 403);
  }
}
