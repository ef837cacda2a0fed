import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Deployment } from '../../../../sandbox/cloudformation/index.ts';
import { Credentials } from '../../../../sandbox/core/credentials.ts';
import type { Provisioner, ResourceContext } from '../../../../sandbox/core/resources.ts';
import { createLambda } from '../../../../sandbox/lambda/index.ts';
import type { RouteAuthorization } from '../../../../sandbox/services/apigateway/authorization.ts';
import { createApiGateway, type HttpApis } from '../../../../sandbox/services/apigateway/index.ts';
import { createLogs } from '../../../../sandbox/services/logs/index.ts';
import { deployTemplates } from '../../cloudformation/support.ts';
import { settled } from '../../lambda/support.ts';
import { testWorld, type TestWorld } from '../../support/world.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'api-test-'));
  const code = `export const handler = async ({ routeKey, pathParameters: { id } = {}, body }) => {
    if (body === 'throw') throw new Error('boom');
    return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ routeKey, id }) };
  };`;
  writeFileSync(join(folder, 'index.mjs'), code);
});
afterAll(() => rmSync(folder, { recursive: true }));

const ApiId = { Ref: 'Api' };
const FunctionArn = { 'Fn::GetAtt': ['Worker', 'Arn'] };
const joined = (...parts: unknown[]) => ({ 'Fn::Join': ['', parts] });
const executeApi = (...rest: unknown[]) =>
  joined(
    'arn:',
    { Ref: 'AWS::Partition' },
    ':execute-api:',
    { Ref: 'AWS::Region' },
    ':',
    { Ref: 'AWS::AccountId' },
    ':',
    ...rest,
  );

const route = (RouteKey: string, authorization: object) => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: { ApiId, RouteKey, Target: joined('integrations/', { Ref: 'Integration' }), ...authorization },
});

const authorizer = (Name: string, properties: object) => ({
  Type: 'AWS::ApiGatewayV2::Authorizer',
  Properties: { ApiId, Name, IdentitySource: ['$request.header.Authorization'], ...properties },
});

/** What HttpApi, HttpStage, HttpLambdaIntegration and the authorizers of the CDK synthesize. */
const template = (stage: object = {}) => ({
  Resources: {
    Worker: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: 'assets', S3Key: 'code' },
        Handler: 'index.handler',
        Role: 'arn:aws:iam::123456789012:role/worker',
        Runtime: 'nodejs24.x',
      },
    },
    Api: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { Description: 'of a test', DisableExecuteApiEndpoint: false, Name: 'things', ProtocolType: 'HTTP' },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: FunctionArn,
        Principal: 'apigateway.amazonaws.com',
        SourceArn: executeApi(ApiId, '/*/*/things/{id}'),
      },
    },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: FunctionArn,
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: 29_000,
      },
    },
    Token: authorizer('Token', {
      AuthorizerType: 'JWT',
      JwtConfiguration: { Audience: ['things'], Issuer: 'https://issuer.example' },
    }),
    Custom: authorizer('Custom', {
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      AuthorizerResultTtlInSeconds: 300,
      EnableSimpleResponses: true,
      AuthorizerUri: joined(
        'arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/',
        FunctionArn,
        '/invocations',
      ),
    }),
    Get: route('GET /things/{id}', { AuthorizationType: 'AWS_IAM' }),
    Post: route('POST /things/{id}', {
      AuthorizationType: 'JWT',
      AuthorizerId: { Ref: 'Token' },
      AuthorizationScopes: ['things:write'],
    }),
    Any: route('ANY /any/{proxy+}', { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Custom' } }),
    AccessLog: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'access' } },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: {
        AccessLogSettings: {
          DestinationArn: { 'Fn::GetAtt': ['AccessLog', 'Arn'] },
          Format: '$context.requestId $context.routeKey $context.status',
        },
        ApiId,
        AutoDeploy: true,
        DefaultRouteSettings: { DetailedMetricsEnabled: true, ThrottlingBurstLimit: 20, ThrottlingRateLimit: 10 },
        StageName: '$default',
        StageVariables: { color: 'blue' },
        ...stage,
      },
    },
  },
  Outputs: { Endpoint: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } }, Id: { Value: ApiId } },
});

interface Deployed {
  readonly world: TestWorld;
  readonly apis: HttpApis;
  readonly asked: readonly RouteAuthorization[];
  readonly deployment: Deployment;
  readonly lines: () => readonly string[];
}

/** Deploys the template in virtual time, with real functions and authorizers that let everybody pass. */
async function deployed(stage: object, test: (given: Deployed) => Promise<void>): Promise<void> {
  const base = testWorld();
  const logs = createLogs(base);
  const world: TestWorld = { ...base, log: (group, stream, lines) => logs.write(group, stream, lines) };
  const assumeRole = (arn: string) => ({ kind: 'role' as const, arn });
  const lambda = createLambda(world, { credentials: new Credentials(), endpoint: () => '', assumeRole });
  world.dispatcher.register(lambda.service);
  const create = lambda.resources['AWS::Lambda::Function'] as unknown as Provisioner<unknown>;
  const inFolder: Provisioner<unknown> = {
    properties: create.properties,
    create: (properties, context: ResourceContext) =>
      create.create(properties, { ...context, assetPath: () => folder }),
  };
  const asked: RouteAuthorization[] = [];
  const gateway = createApiGateway(world, {
    authorizers: {
      create: ({ AuthorizerType: type }) => ({ type, forRoute: () => () => Promise.reject(new Error('unused')) }),
      ofRoute: (authorization) => {
        asked.push(authorization);
        return async () => ({ allowed: true, authorizer: undefined, principal: '' });
      },
    },
  });
  const resources = { ...lambda.resources, ...logs.resources, ...gateway.resources };
  const provisioners = { ...resources, 'AWS::Lambda::Function': inFolder as unknown as Provisioner };
  try {
    const { deployment } = await deployTemplates({ stack: template(stage) }, { world, provisioners });
    gateway.check();
    const lines = () => logs.events('access').map(({ message }) => message.replace(/^\S+ /, ''));
    await test({ world, apis: gateway.apis, asked, deployment, lines });
  } finally {
    await Promise.all([gateway.close(), lambda.close()]);
  }
}

it('an HTTP API as the CDK writes it is deployed and calls its function', () =>
  deployed({}, async ({ world, apis, asked, deployment, lines }) => {
    const { Id: apiId = '', Endpoint } = deployment.outputs;
    expect(apiId).toMatch(/^[a-z0-9]{10}$/);
    expect([...apis.endpoints()]).toEqual([[apiId, Endpoint]]);
    expect([apis.endpoint(), apis.endpoint(apiId)]).toEqual([Endpoint, Endpoint]);
    const types = asked.map(({ type, scopes, authorizer: given }) => [type, scopes, given?.type]);
    expect(types).toHaveLength(3);
    expect(types).toEqual(
      expect.arrayContaining([
        ['AWS_IAM', [], undefined],
        ['JWT', ['things:write'], 'JWT'],
        ['CUSTOM', [], 'REQUEST'],
      ]),
    );
    const headers = { 'content-type': 'text/plain' };
    const send = (path: string, method = 'GET', body = '') =>
      settled(world.clock, apis.request(apiId, { method, path, body, headers }));
    expect(String((await send('/things/5')).body)).toBe('{"routeKey":"GET /things/{id}","id":"5"}');
    expect(String((await send('/any/a/b')).body)).toBe('{"routeKey":"ANY /any/{proxy+}"}');
    expect(await send('/things/5', 'POST', 'throw')).toMatchObject({ status: 500 });
    expect(lines()).toEqual(['GET /things/{id} 200', 'ANY /any/{proxy+} 200', 'POST /things/{id} 500']);
    await expect(apis.request('other', { method: 'GET', path: '/' })).rejects.toThrow('Invalid API identifier');
    await expect(apis.request(apiId, { method: 'GET', path: '/ä' })).rejects.toThrow('percent-encode it');
  }));

it('settings of a route that there is not are refused once the template stands', async () => {
  const RouteSettings = { 'GET /missing': { ThrottlingBurstLimit: 1 } };
  await expect(deployed({ RouteSettings }, async () => undefined)).rejects.toThrow(
    'Unable to find Route by key GET /missing within the provided RouteSettings',
  );
});
