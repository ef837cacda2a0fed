import { notImplemented } from '../../core/aws-error.ts';
import { badRequest } from './errors.ts';
import { clfTime } from './event.ts';
import type { Exchange } from './exchange.ts';

type Value = string | number | boolean | undefined;
type Variable = (exchange: Exchange) => Value;

const LONGEST_FORMAT = 3072;

/** A member of `requestContext.authorizer`, however deep; undefined where there is none. */
function authorizerValue({ authorization }: Exchange, ...path: readonly string[]): Value {
  let value: unknown = authorization?.allowed === true ? authorization.authorizer : undefined;
  for (const name of path)
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

const iam =
  (name: string): Variable =>
  (exchange) =>
    authorizerValue(exchange, 'iam', name);

const authorizerError: Variable = ({ authorization }) =>
  authorization?.allowed === false ? (authorization.errorType ?? authorization.message) : undefined;
const integrationError: Variable = ({ integrated }) => integrated?.error;
const lambdaStatus: Variable = ({ integrated }) => integrated?.lambdaStatus;
const latency: Variable = ({ integrated }) => integrated?.latency;
const lambdaRequestId: Variable = ({ integrated }) => integrated?.requestId;
const requestId: Variable = (exchange) => exchange.requestId;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
const VARIABLES: Readonly<Record<string, Variable>> = {
  accountId: ({ accountId }) => accountId,
  apiId: ({ apiId }) => apiId,
  'authorizer.error': authorizerError,
  'authorizer.principalId': (exchange) => authorizerValue(exchange, 'lambda', 'principalId'),
  awsEndpointRequestId: lambdaRequestId,
  domainName: ({ domainName }) => domainName,
  domainPrefix: ({ apiId }) => apiId,
  'error.message': ({ error }) => error,
  'error.messageString': ({ error }) => (error === undefined ? undefined : `"${error}"`),
  extendedRequestId: requestId,
  httpMethod: ({ request }) => request.method,
  'identity.accountId': iam('accountId'),
  'identity.caller': iam('callerId'),
  'identity.sourceIp': ({ request }) => request.sourceIp,
  'identity.user': iam('userId'),
  'identity.userAgent': ({ request }) => request.headers['user-agent'],
  'identity.userArn': iam('userArn'),
  'integration.error': integrationError,
  'integration.integrationStatus': lambdaStatus,
  'integration.latency': latency,
  'integration.requestId': lambdaRequestId,
  'integration.status': ({ integrated }) => integrated?.status,
  integrationErrorMessage: integrationError,
  integrationLatency: latency,
  integrationStatus: lambdaStatus,
  path: ({ path }) => path,
  protocol: ({ request }) => request.protocol,
  requestId,
  requestTime: ({ startedAt }) => clfTime(startedAt),
  requestTimeEpoch: ({ startedAt }) => startedAt,
  responseLatency: ({ startedAt, endedAt }) => endedAt - startedAt,
  responseLength: ({ answer }) => answer.body.length,
  routeKey: ({ routeKey }) => routeKey,
  stage: ({ stage }) => stage,
  status: ({ answer }) => answer.status,
};

function variableOf(name: string): Variable {
  const known = Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined;
  if (known !== undefined) return known;
  const [first, second, ...rest] = name.split('.');
  if (first === 'authorizer' && second !== undefined && second !== 'claims' && rest.length === 0)
    return (exchange) => authorizerValue(exchange, 'lambda', second);
  const claim = rest.join('.');
  if (first === 'authorizer' && second === 'claims' && claim !== '')
    return (exchange) => authorizerValue(exchange, 'jwt', 'claims', claim);
  throw notImplemented(`the variable $context.${name} in the access log of an HTTP API`);
}

/** Clients choose paths and user agents: in JSON they stay one value, and a line stays one line. */
const shown = (value: Value): string => (value === undefined ? '-' : JSON.stringify(String(value)).slice(1, -1));

/**
 * Reads the format of an access log: gives what writes the line for one request, a hyphen for what there is not.
 * @throws AwsError BadRequestException for a format that AWS refuses, NotImplemented for a variable that is not known here
 */
export function accessLogFormat(format: string): (exchange: Exchange) => string {
  const line = format.replace(/\n$/, '');
  if (line.includes('\n')) throw badRequest('The format of the access log must be a single line');
  if (Buffer.byteLength(format) > LONGEST_FORMAT) throw badRequest('The format of the access log is longer than 3 KB');
  const parts = line.split(/\$context\.(\w+(?:\.[\w:]+)*)/);
  const names = parts.filter((_, index) => index % 2 === 1);
  if (!names.some((name) => name === 'requestId' || name === 'extendedRequestId'))
    throw badRequest('The format of the access log must contain $context.requestId or $context.extendedRequestId');
  const texts = parts.filter((_, index) => index % 2 === 0);
  const variables = names.map(variableOf);
  return (exchange) => {
    const values = variables.map((variable) => shown(variable(exchange)));
    return texts.map((text, index) => text + (values[index] ?? '')).join('');
  };
}
