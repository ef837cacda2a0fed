import { define, type ApiRequest } from './request.ts';

/** What the event says beside the request itself. */
export interface EventFacts {
  readonly accountId: string;
  readonly apiId: string;
  readonly domainName: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Decoded, with the stage where the client named it. */
  readonly rawPath: string;
  readonly authorizer: Readonly<Record<string, unknown>> | undefined;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2020:19:03:58 +0000`, the Common Log Format. */
export function clfTime(time: number): string {
  const [date = '', clock = ''] = new Date(time).toISOString().slice(0, 19).split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1] ?? ''}/${year}:${clock} +0000`;
}

/**
 * The event of a Lambda proxy integration in payload format 2.0; members with nothing in them are left out.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function lambdaEvent(request: ApiRequest, facts: EventFacts): Record<string, unknown> {
  const { cookie, ...headers } = request.headers;
  const { routeKey, rawPath, stageVariables, pathParameters } = facts;
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: request.query,
    ...(cookie !== undefined && { cookies: cookie.split(';').map((each) => each.trim()) }),
    headers,
    ...(request.query !== '' && { queryStringParameters: queryStringParameters(request.query) }),
    requestContext: requestContext(request, facts),
    ...bodyOf(request),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(Object.keys(stageVariables).length > 0 && { stageVariables }),
  };
}

function requestContext({ method, headers, protocol, sourceIp }: ApiRequest, facts: EventFacts): object {
  const { accountId, apiId, authorizer, domainName, requestId, routeKey, stage, time, rawPath } = facts;
  return {
    accountId,
    apiId,
    ...(authorizer !== undefined && { authorizer }),
    domainName,
    domainPrefix: domainName.split('.', 1)[0],
    http: { method, path: rawPath, protocol, sourceIp, userAgent: headers['user-agent'] ?? '' },
    requestId,
    routeKey,
    stage,
    time: clfTime(time),
    timeEpoch: time,
  };
}

/** Decoded; values of a repeated name are joined by commas. */
function queryStringParameters(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const before = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    define(parameters, name, before === undefined ? value : `${before},${value}`);
  }
  return parameters;
}

/** The media types whose bodies API Gateway hands on as text; forms and `+json` are not among them. */
const isTextual = (contentType: string): boolean =>
  /^\s*(text\/|application\/(json|xml|javascript)\s*(;|$))/i.test(contentType);

function bodyOf({ headers, body }: ApiRequest): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const text = isTextual(headers['content-type'] ?? '') ? utf8(body) : undefined;
  return text === undefined
    ? { body: body.toString('base64'), isBase64Encoded: true }
    : { body: text, isBase64Encoded: false };
}

/** A byte order mark stays, so that the text is the bytes. Undefined for what is no UTF-8. */
function utf8(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : undefined;
}
