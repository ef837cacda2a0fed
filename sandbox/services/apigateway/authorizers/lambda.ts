import type { InvocationResponse } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { notImplemented } from '../../../core/aws-error.ts';
import { isRefusal } from '../../../core/transient.ts';
import type { World } from '../../../core/world.ts';
import { IdentityPolicy, type Iam } from '../../iam/index.ts';
import type { Authorized, Authorizer, GatewayRequest, Refused } from '../authorization.ts';
import { badRequest } from '../errors.ts';
import { lambdaEvent } from '../event.ts';
import { apiRequest, decodePath } from '../request.ts';
import { TIMED_OUT, within } from '../within.ts';
import { identitySource } from './identity-source.ts';
import type { AuthorizerProperties } from './properties.ts';

interface Dependencies {
  readonly world: Pick<World, 'account' | 'region' | 'clock' | 'dispatcher'>;
  readonly iam: Pick<Iam, 'allowedBy'>;
}

const Context = z.record(z.string(), z.unknown()).default({});
const SimpleResponse = z.object({ isAuthorized: z.boolean(), context: Context });
const PolicyResponse = z.object({ principalId: z.string(), policyDocument: IdentityPolicy, context: Context });

/** What the function said: yes or no, or a policy that says so for each route. */
type Verdict = z.output<typeof SimpleResponse> | z.output<typeof PolicyResponse>;

const unauthorized: Refused = {
  allowed: false,
  status: 401,
  message: 'Unauthorized',
  errorType: 'missing identity source',
};
const forbidden: Refused = { allowed: false, status: 403, message: 'Forbidden', errorType: 'The authorizer refused.' };
const failed = (errorType: string): Refused => ({
  allowed: false,
  status: 500,
  message: 'Internal Server Error',
  errorType,
});

/** Milliseconds; see "Authorizer timeouts" in https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const TIMEOUT = 10_000;

/**
 * A Lambda authorizer in payload format 2.0, which answers a boolean or an IAM policy. A request without an identity
 * source is 401 before the function runs; a function that fails, takes more
 * than 10 s, or answers anything else, is 500.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 * @throws AwsError BadRequestException, NotImplemented
 */
export function lambdaAuthorizer(properties: AuthorizerProperties, id: string, given: Dependencies): Authorizer {
  const { world, iam } = given;
  const functionArn = requireModelled(properties);
  const sources = properties.IdentitySource.map(identitySource);
  const sourceArn = `arn:aws:execute-api:${world.region}:${world.account}:${properties.ApiId}/authorizers/${id}`;
  const schema = properties.EnableSimpleResponses ? SimpleResponse : PolicyResponse;
  const cache = new Cache(world, properties.AuthorizerResultTtlInSeconds);

  const ask = async (request: GatewayRequest, identity: readonly string[]): Promise<Verdict | Refused> => {
    const caller = { kind: 'service', arn: 'apigateway.amazonaws.com', sourceArn } as const;
    const payload = Buffer.from(JSON.stringify(eventOf(request, identity, world.account)));
    const input = { FunctionName: functionArn, Payload: payload };
    const invoke = () => world.dispatcher.call(caller, 'lambda', 'Invoke', input).catch(refused);
    const output = await within(world.clock, TIMEOUT, invoke);
    if (output === TIMED_OUT) return failed('The Lambda function timed out.');
    if (isRefused(output)) return output;
    const { FunctionError, Payload } = output as InvocationResponse;
    if (FunctionError !== undefined) return failed(`The Lambda function returned an error: ${FunctionError}`);
    const verdict = schema.safeParse(parsed(Buffer.from(Payload ?? []).toString()));
    return verdict.success ? verdict.data : failed('The Lambda function returned no valid authorizer response.');
  };

  const decide = async (verdict: Verdict, { routeArn }: GatewayRequest): Promise<Authorized | Refused> => {
    const principal = 'principalId' in verdict ? verdict.principalId : '';
    const allowed =
      'isAuthorized' in verdict
        ? verdict.isAuthorized
        : await iam.allowedBy(verdict.policyDocument, { action: 'execute-api:Invoke', resource: routeArn });
    return allowed ? { allowed, authorizer: { lambda: verdict.context }, principal } : forbidden;
  };

  const authorize = async (request: GatewayRequest): Promise<Authorized | Refused> => {
    const identity = sources.map((source) => source(request));
    if (!identity.every((value) => value !== undefined)) return unauthorized;
    const key = JSON.stringify([request.stage, ...identity]);
    const answer = cache.get(key) ?? (await ask(request, identity));
    if (isRefused(answer)) return answer;
    cache.set(key, answer);
    return decide(answer, request);
  };
  return { type: 'REQUEST', forRoute: () => authorize };
}

/** What Lambda itself refused. A gap in the sandbox is not Lambda's refusal, and surfaces. */
function refused(error: unknown): Refused {
  if (!isRefusal(error)) throw error;
  return failed(error.message);
}

const isRefused = (value: unknown): value is Refused =>
  typeof value === 'object' && value !== null && 'allowed' in value && value.allowed === false;

const FUNCTION = /^arn:aws:apigateway:[\w-]+:lambda:path\/2015-03-31\/functions\/(arn:aws:lambda:.+)\/invocations$/;

/** The function's ARN. */
function requireModelled(properties: AuthorizerProperties): string {
  const { AuthorizerUri: uri = '', AuthorizerPayloadFormatVersion: version } = properties;
  const functionArn = FUNCTION.exec(uri)?.[1];
  if (functionArn === undefined)
    throw badRequest(
      `Invalid Authorizer URI: ${uri}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.`,
    );
  if (version === undefined)
    throw badRequest('AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer');
  if (version !== '2.0') throw notImplemented(`Lambda authorizers with the payload format ${version}`);
  if (properties.AuthorizerCredentialsArn !== undefined)
    throw notImplemented('Lambda authorizers with AuthorizerCredentialsArn');
  if (properties.JwtConfiguration !== undefined)
    throw badRequest('JwtConfiguration is not valid for REQUEST authorizer');
  if (properties.AuthorizerResultTtlInSeconds > 0 && properties.IdentitySource.length === 0)
    throw badRequest('Identity source is required for REQUEST authorizer when caching is enabled');
  return functionArn;
}

/** The event of an integration without the body, and with what the authorizer alone is told. */
function eventOf(request: GatewayRequest, identity: readonly string[], accountId: string): object {
  const { method, path, query, rawHeaders, sourceIp, routeArn } = request;
  const target = query === '' ? path : `${path}?${query}`;
  const bodiless = apiRequest({ method, target, rawHeaders, sourceIp, protocol: 'HTTP/1.1', body: Buffer.alloc(0) });
  const facts = { ...request, accountId, rawPath: decodePath(path) ?? path, authorizer: undefined };
  const event = Object.entries(lambdaEvent(bodiless, facts)).filter(([name]) => name !== 'isBase64Encoded');
  return { version: '2.0', type: 'REQUEST', routeArn, identitySource: identity, ...Object.fromEntries(event) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no valid response, as any other that the schema refuses
  }
}

/** What the function said of the same identity, for so many seconds, on whatever route. */
class Cache {
  readonly #verdicts = new Map<string, { readonly verdict: Verdict; readonly until: number }>();
  readonly #world: Pick<World, 'clock'>;
  readonly #seconds: number;

  constructor(world: Pick<World, 'clock'>, seconds: number) {
    this.#world = world;
    this.#seconds = seconds;
  }

  get(key: string): Verdict | undefined {
    const known = this.#verdicts.get(key);
    return known !== undefined && this.#world.clock.now() < known.until ? known.verdict : undefined;
  }

  set(key: string, verdict: Verdict): void {
    const now = this.#world.clock.now();
    if (this.#seconds === 0 || this.get(key) !== undefined) return;
    for (const [other, { until }] of this.#verdicts) if (until <= now) this.#verdicts.delete(other);
    this.#verdicts.set(key, { verdict, until: now + this.#seconds * 1000 });
  }
}
