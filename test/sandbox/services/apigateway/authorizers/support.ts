import { RealClock } from '../../../../../sandbox/clock/real-clock.ts';
import { Credentials, OPERATOR, type Session } from '../../../../../sandbox/core/credentials.ts';
import { operation, type Call } from '../../../../../sandbox/core/service.ts';
import type {
  Authorized,
  Authorizer,
  GatewayRequest,
  Refused,
  RouteAuthorization,
} from '../../../../../sandbox/services/apigateway/authorization.ts';
import { createAuthorizers, type Jwks } from '../../../../../sandbox/services/apigateway/authorizers/index.ts';
import { AuthorizerProperties } from '../../../../../sandbox/services/apigateway/authorizers/properties.ts';
import { createIam, IdentityPolicy } from '../../../../../sandbox/services/iam/index.ts';
import { testWorld, testWorldWith, type TestWorld } from '../../../support/world.ts';

export const API = 'abcdef1234';
const ARN = `arn:aws:execute-api:eu-central-1:123456789012:${API}`;

/** A request of one route, as the gateway hands it over. */
const request = (change: Partial<GatewayRequest> = {}): GatewayRequest => {
  const { method = 'GET', path = '/executions', rawHeaders = [] } = change;
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  return {
    apiId: API,
    stage: '$default',
    routeKey: `${method} ${path}`,
    routeArn: `${ARN}/$default/${method}${path}`,
    requestId: 'request-1',
    time: 0,
    sourceIp: '127.0.0.1',
    domainName: `${API}.execute-api.eu-central-1.amazonaws.com`,
    method,
    path,
    query: '',
    headers: Object.fromEntries(names.map((name, index) => [name.toLowerCase(), rawHeaders[2 * index + 1]])),
    rawHeaders,
    body: Buffer.alloc(0),
    pathParameters: {},
    stageVariables: {},
    ...change,
  };
};

export const allow = (resource: string | string[], effect: 'Allow' | 'Deny' = 'Allow'): IdentityPolicy =>
  IdentityPolicy.parse({
    Version: '2012-10-17',
    Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: resource }],
  });

interface Invocation {
  readonly caller: Call['caller'];
  readonly event: Record<string, unknown>;
}

/** Authorizers in a world with users and a function that answers as a test says. */
export async function stage({ jwks = {}, real = false }: { jwks?: Jwks; real?: boolean } = {}) {
  const world: TestWorld | TestWorld<RealClock> = real ? testWorldWith(new RealClock()) : testWorld();
  const iam = createIam(world);
  await iam.prepare();
  const credentials = new Credentials();
  credentials.add(OPERATOR);
  const authorizers = createAuthorizers(world, { credentials, iam, jwks });
  const invocations: Invocation[] = [];
  const lambda = { answer: (): unknown => ({}) };
  const invoke = operation<
    { Payload: Uint8Array },
    { $metadata: unknown; Payload?: Uint8Array; FunctionError?: string }
  >(
    () => [],
    async ({ Payload }, { caller }) => {
      invocations.push({ caller, event: JSON.parse(Buffer.from(Payload).toString()) as Invocation['event'] });
      const answer = await lambda.answer();
      if (answer instanceof Error) return { FunctionError: 'Unhandled', Payload: Buffer.from('{}') };
      return { Payload: Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer)) };
    },
  );
  world.dispatcher.register({ id: 'lambda', operations: { Invoke: invoke } });

  const addUser = async (name: string, ...policies: IdentityPolicy[]): Promise<Session> => {
    const caller = await iam.addUser(name, policies);
    return credentials.add({ accessKeyId: `AKIA${name.toUpperCase()}`, secretAccessKey: `secret of ${name}`, caller });
  };
  const create = (properties: object): Authorizer =>
    authorizers.create(AuthorizerProperties.parse({ ApiId: API, Name: 'authorizer', ...properties }), 'auth1');
  const ask = (route: RouteAuthorization, change?: Partial<GatewayRequest>): Promise<Authorized | Refused> =>
    authorizers.ofRoute(route)(request(change));
  return { world, iam, credentials, authorizers, invocations, lambda, addUser, create, ask };
}
