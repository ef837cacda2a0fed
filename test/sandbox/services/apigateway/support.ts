import type { InvocationRequest } from '@aws-sdk/client-lambda';
import type { Provisioner } from '../../../../sandbox/core/resources.ts';
import { Dispatcher } from '../../../../sandbox/core/dispatcher.ts';
import { FaultPlan } from '../../../../sandbox/faults/fault-plan.ts';
import type {
  Authorizers,
  Authorized,
  Refused,
  GatewayRequest,
} from '../../../../sandbox/services/apigateway/authorization.ts';
import type { AuthorizerProperties } from '../../../../sandbox/services/apigateway/authorizers/properties.ts';
import {
  createApiGateway,
  type ApiAnswer,
  type InProcessRequest,
} from '../../../../sandbox/services/apigateway/index.ts';
import { createIam } from '../../../../sandbox/services/iam/index.ts';
import { settled } from '../../lambda/support.ts';
import { testWorld, type TestWorld } from '../../support/world.ts';

export type Event = Record<string, unknown> & {
  readonly routeKey: string;
  readonly rawPath: string;
  readonly headers: Record<string, string>;
  readonly requestContext: Record<string, unknown>;
};
type Handler = (event: Event) => unknown;

const REGION_ACCOUNT = 'eu-central-1:123456789012';
export const functionArn = (name: string): string => `arn:aws:lambda:${REGION_ACCOUNT}:function:${name}`;

export interface Bench {
  readonly world: TestWorld;
  readonly apiId: string;
  readonly endpoint: string;
  /** Bugs of the sandbox that came up over HTTP. */
  readonly reported: unknown[];
  /** What went to the authorizer of the routes that are not open to everybody. */
  readonly asked: GatewayRequest[];
  create(type: string, properties: Record<string, unknown>): Promise<string>;
  /** A function and the route to it, with leave to invoke it by that route. */
  route(key: string, handler: Handler, properties?: RouteExtras): Promise<void>;
  /** A request over no socket; time goes on until it is answered. */
  send(request: Partial<InProcessRequest>): Promise<Answer>;
}

interface RouteExtras {
  readonly timeout?: number;
  /** ARN in the permission, or none; of any route of the API unless told. */
  readonly permission?: string | false;
  readonly route?: Record<string, unknown>;
}

interface Answer extends ApiAnswer {
  readonly text: string;
}

interface Options {
  readonly port?: number;
  readonly stage?: Record<string, unknown> | false;
  readonly authorize?: (request: GatewayRequest) => Authorized | Refused;
}

const open = new Set<() => Promise<void>>();

/** Ends what the tests of a file have started, those that failed included: an open listener would keep Jest from ending. */
export async function closeBenches(): Promise<void> {
  for (const close of open) await close();
  open.clear();
}

const everybody: Authorized = { allowed: true, authorizer: undefined, principal: '' };

/** An HTTP API in virtual time whose functions are those of the test, and whose authorizer is what the test says. */
export async function bench({ port = 0, stage = {}, authorize = () => everybody }: Options = {}): Promise<Bench> {
  const { world, handlers } = gatewayWorld();
  const reported: unknown[] = [];
  const asked: GatewayRequest[] = [];
  const authorizers: Authorizers<AuthorizerProperties> = {
    create: ({ AuthorizerType }) => ({ type: AuthorizerType, forRoute: () => async (request) => authorize(request) }),
    ofRoute:
      ({ type }) =>
      async (request) => {
        if (type === 'NONE') return everybody;
        asked.push(request);
        return authorize(request);
      },
  };
  const gateway = createApiGateway(world, { authorizers, port, report: (error) => reported.push(error) });
  open.add(() => gateway.close());
  const create: Bench['create'] = async (type, properties) => {
    const found = gateway.resources[type] as Provisioner<unknown> | undefined;
    if (found === undefined) throw new Error(`no provisioner for ${type}`);
    const context = { logicalId: 'Id', stackName: 'Stack', physicalName: () => 'name', assetPath: () => '' };
    const { ref } = await found.create(found.properties.parse(properties), context);
    return ref;
  };
  const apiId = await create('AWS::ApiGatewayV2::Api', { Name: 'api', ProtocolType: 'HTTP' });
  if (stage !== false)
    await create('AWS::ApiGatewayV2::Stage', { ApiId: apiId, StageName: '$default', AutoDeploy: true, ...stage });
  return {
    ...{ world, apiId, reported, asked, create },
    endpoint: gateway.apis.endpoint(),
    route: async (RouteKey, handler, { timeout, permission, route = {} } = {}) => {
      const arn = functionArn(`f${handlers.size}`);
      handlers.set(arn, handler);
      if (permission !== false) allow(world, arn, permission ?? `arn:aws:execute-api:${REGION_ACCOUNT}:${apiId}/*`);
      const integration = await create('AWS::ApiGatewayV2::Integration', {
        ApiId: apiId,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: arn,
        PayloadFormatVersion: '2.0',
        ...(timeout !== undefined && { TimeoutInMillis: timeout }),
      });
      const Target = `integrations/${integration}`;
      await create('AWS::ApiGatewayV2::Route', { ApiId: apiId, RouteKey, Target, AuthorizationType: 'NONE', ...route });
    },
    send: async (request) => {
      const answer = await settled(
        world.clock,
        gateway.apis.request(undefined, { method: 'GET', path: '/', ...request }),
      );
      return { ...answer, text: answer.body.toString() };
    },
  };
}

/** A world with IAM, in which Lambda calls the test's own handlers. */
function gatewayWorld(): { readonly world: TestWorld; readonly handlers: Map<string, Handler> } {
  const base = testWorld();
  const handlers = new Map<string, Handler>();
  const iam = createIam(base);
  const dispatcher = new Dispatcher({
    clock: base.clock,
    random: base.random,
    faults: new FaultPlan([]),
    authorize: iam.authorize,
    stopExecution: async () => undefined,
  });
  const Invoke = {
    permissions: ({ FunctionName = '' }: InvocationRequest) => [
      { action: 'lambda:InvokeFunction', resource: FunctionName },
    ],
    handle: async ({ FunctionName = '', Payload }: InvocationRequest) => {
      const output = await handlers.get(FunctionName)?.(JSON.parse(Buffer.from(Payload ?? []).toString()) as Event);
      const failed = output instanceof Error ? { FunctionError: 'Unhandled' } : {};
      const answer = output instanceof Error ? { errorType: output.name, errorMessage: output.message } : output;
      const text = answer instanceof RawPayload ? answer.text : JSON.stringify(answer ?? null);
      return { StatusCode: 200, Payload: Buffer.from(text), ...failed };
    },
  };
  dispatcher.register({ id: 'lambda', operations: { Invoke } });
  return { world: { ...base, dispatcher }, handlers };
}

/** What a function answers as it stands, JSON or not. */
export class RawPayload {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function allow(world: TestWorld, arn: string, sourceArn: string): void {
  world.resourcePolicies.attach(arn, {
    Statement: {
      Sid: 'Invoke',
      Effect: 'Allow',
      Principal: { Service: 'apigateway.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Resource: arn,
      Condition: { ArnLike: { 'AWS:SourceArn': sourceArn } },
    },
  });
}
