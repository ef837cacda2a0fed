import { AwsError } from '../core/aws-error.ts';
import type { Credentials, Session } from '../core/credentials.ts';
import type { ServiceId } from '../core/service.ts';
import type { World } from '../core/world.ts';
import { serviceSigningAs, signingName } from './api.ts';
import { header, type WireRequest } from './http.ts';
import { SignatureError, verifySignature } from './signature.ts';

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
  ['GraniteServiceVersion20100801', 'cloudwatch'],
  ['TrentService', 'kms'],
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
  if (signed !== undefined) return serviceSigningAs(signed);
  return TARGETS.get((header(request, 'x-amz-target') ?? '').split('.')[0] ?? '');
}

interface Known {
  readonly world: Pick<World, 'region' | 'clock'>;
  readonly credentials: Credentials;
}

/**
 * The session of the access key that signed a request, its signature proven. Its time counts where time is real: virtual
 * time is not the clients'. @throws AwsError with the code that the service has for what is wrong
 */
export function authenticate(request: WireRequest, service: ServiceId, { world, credentials }: Known): Session {
  const now = world.clock.shared === undefined ? world.clock.now() : undefined;
  try {
    return verifySignature(request, { credentials, service: signingName(service), region: world.region, now });
  } catch (error) {
    throw error instanceof SignatureError ? refusal(service, error, request) : error;
  }
}

function refusal(service: ServiceId, error: SignatureError, request: WireRequest): AwsError {
  switch (service) {
    case 's3':
      return ofS3(error, request);
    case 'ec2':
      return ofEc2(error);
    case 'autoscaling':
    case 'sns':
    case 'sts':
      return ofQuery(error);
    default:
      return ofJson(error);
  }
}

const missing = (code: string): AwsError => new AwsError(code, 'Request is missing Authentication Token', 403);

/** See "Common errors" in the API reference of each service, here and for the other protocols. */
function ofJson({ problem, message }: SignatureError): AwsError {
  switch (problem) {
    case 'missing':
      return missing('MissingAuthenticationTokenException');
    case 'unknown-key':
    case 'token':
      return new AwsError('UnrecognizedClientException', message, 403);
    case 'malformed':
      return new AwsError('IncompleteSignatureException', message, 403);
    default:
      return new AwsError('InvalidSignatureException', message, 403);
  }
}

function ofQuery({ problem, message }: SignatureError): AwsError {
  switch (problem) {
    case 'missing':
      return missing('MissingAuthenticationToken');
    case 'unknown-key':
    case 'token':
      return new AwsError('InvalidClientTokenId', message, 403);
    case 'malformed':
      return new AwsError('IncompleteSignature', message, 403);
    default:
      return new AwsError('SignatureDoesNotMatch', message, 403);
  }
}

/** EC2 does not say what of the credentials is wrong. */
function ofEc2(error: SignatureError): AwsError {
  switch (error.problem) {
    case 'missing':
    case 'malformed':
      return ofQuery(error);
    case 'expired':
      return new AwsError('RequestExpired', 'Request has expired.');
    default:
      return new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function ofS3({ problem, message }: SignatureError, request: WireRequest): AwsError {
  const AWSAccessKeyId = credentialScope(request)?.accessKeyId;
  const presigned = header(request, 'authorization') === undefined;
  switch (problem) {
    case 'missing':
      return new AwsError('AccessDenied', 'Access Denied', 403);
    case 'unknown-key': {
      const sentence = 'The AWS Access Key Id you provided does not exist in our records.';
      return new AwsError('InvalidAccessKeyId', sentence, 403, { AWSAccessKeyId });
    }
    case 'token':
      return new AwsError('InvalidToken', 'The provided token is malformed or otherwise invalid.');
    case 'malformed':
    case 'scope':
      return presigned
        ? new AwsError('AuthorizationQueryParametersError', message)
        : new AwsError('AuthorizationHeaderMalformed', `The authorization header is malformed; ${message}`);
    case 'expired':
      if (presigned) return new AwsError('AccessDenied', message, 403);
      return new AwsError(
        'RequestTimeTooSkewed',
        'The difference between the request time and the current time is too large.',
        403,
      );
    case 'unsigned-headers':
      return new AwsError('AccessDenied', message, 403);
    case 'payload':
      return new AwsError('XAmzContentSHA256Mismatch', message);
    case 'no-payload-hash':
      return new AwsError('InvalidRequest', message);
    case 'mismatch': {
      const sentence =
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
      return new AwsError('SignatureDoesNotMatch', sentence, 403, { AWSAccessKeyId });
    }
  }
}
