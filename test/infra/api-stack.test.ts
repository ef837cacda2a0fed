import { describe, expect, it } from '@jest/globals';
import { OWN_ROUTES, START_ROUTES } from '../../functions/lib/schemas/routes.ts';
import { ApiStack } from '../../infra/api-stack.ts';
import type { Routes } from '../../infra/api-stack.ts';
import { parseConfig } from '../../infra/config.ts';
import { addFleetwright } from '../../infra/fleetwright.ts';
import { masked, ofType, standInBundles, synthesize, testApp } from './synthesize.ts';
import type { Resource, TemplateDocument } from './synthesize.ts';

const { api, runbooks } = synthesize({
  functions: { memoryMb: 192, timeoutSeconds: 20, overrides: { 'start-runbook': { memoryMb: 512 } } },
  api: { throttle: { rateLimit: 5, burstLimit: 7 }, waitConcurrency: 3 },
  logRetentionDays: 14,
});

const propertiesOf = (template: TemplateDocument, type: string): Resource['Properties'][] =>
  ofType(template, type).map(([, { Properties }]) => Properties);
const v2 = (type: string, template = api) => propertiesOf(template, `AWS::ApiGatewayV2::${type}`);
const variablesOf = (properties: Resource['Properties']): Record<string, unknown> =>
  (properties.Environment as { Variables: Record<string, unknown> }).Variables;
const nameOf = (properties: Resource['Properties']) => variablesOf(properties).POWERTOOLS_SERVICE_NAME as string;
const functions = propertiesOf(api, 'AWS::Lambda::Function');
const named = (name: string) => functions.find((each) => nameOf(each) === name) ?? {};
const expected = [
  ...START_ROUTES.map(({ runbook }) => `start-${runbook}`),
  ...OWN_ROUTES.map((route) => route.function),
];

describe('the routes', () => {
  it('are those of the table, each for IAM principals alone', () => {
    expect(v2('Route').map(({ RouteKey, AuthorizationType }) => [RouteKey, AuthorizationType])).toEqual(
      [...START_ROUTES, ...OWN_ROUTES].map(({ method, path }) => [`${method} ${path}`, 'AWS_IAM']),
    );
  });

  it('lead each to its function, which API Gateway may invoke for that route of this API alone', () => {
    const routes = [...START_ROUTES, ...OWN_ROUTES];
    const ids = ofType(api, 'AWS::Lambda::Function').map(([id, { Properties }]) => [nameOf(Properties), id] as const);
    const arnOf = (name: string | undefined) => ({ 'Fn::GetAtt': [new Map(ids).get(name ?? ''), 'Arn'] });
    const permissions = propertiesOf(api, 'AWS::Lambda::Permission');
    expect(v2('Integration').map(({ IntegrationUri }) => IntegrationUri)).toEqual(expected.map(arnOf));
    expect(permissions.map(({ FunctionName }) => FunctionName)).toEqual(expected.map(arnOf));
    for (const [index, { SourceArn }] of permissions.entries())
      expect(JSON.stringify(SourceArn)).toMatch(`"/*/*${routes[index]?.path ?? ''}"]]}`);
  });

  it('hand on requests in payload format 2.0, for as long as API Gateway waits', () => {
    for (const integration of v2('Integration')) {
      expect(integration).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
      expect(integration).not.toHaveProperty('TimeoutInMillis');
    }
  });
});

describe('the stage', () => {
  const [stage] = v2('Stage');

  it('is at the root, deploys by itself and is throttled', () => {
    expect(stage).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 },
    });
  });

  it('logs every request in one line of JSON, with who asked and without what was sent', () => {
    const { DestinationArn, Format } = stage?.AccessLogSettings as { DestinationArn: unknown; Format: string };
    const [logs] = ofType(api, 'AWS::Logs::LogGroup').find(([id]) => id.startsWith('ApiLogs')) ?? [];
    expect(DestinationArn).toEqual({ 'Fn::GetAtt': [logs, 'Arn'] });
    expect(Format).not.toContain('\n');
    expect(JSON.parse(Format)).toMatchObject({
      requestId: '$context.requestId',
      userArn: '$context.identity.userArn',
      subject: '$context.authorizer.claims.sub',
      status: '$context.status',
    });
    expect(Format).not.toMatch(/querystring|\$context\.(request|response)(Override|Body)|authorizer\.token/i);
  });

  it('lets no browser of another site in, and can be reached at its own address', () => {
    expect(v2('Api')[0]).not.toHaveProperty('CorsConfiguration');
    expect(v2('Api')[0]).not.toHaveProperty('DisableExecuteApiEndpoint');
  });
});

describe('the functions', () => {
  it('are one for each runbook to start, and one for each other route', () => {
    expect(functions.map(nameOf).sort()).toEqual([...expected].sort());
  });

  it('that start have the settings of start-runbook, time to wait, and one state machine', () => {
    expect(named('start-run-command')).toMatchObject({
      Timeout: 29,
      MemorySize: 512,
      Environment: {
        Variables: {
          RUNBOOK: 'run-command',
          STATE_MACHINE_ARN: { 'Fn::ImportValue': expect.stringContaining('RunCommandRunbookStateMachine') as unknown },
          RESULT_TABLE: { 'Fn::ImportValue': expect.stringContaining('ResultTable') as unknown },
          LOCK_TABLE: { 'Fn::ImportValue': expect.stringContaining('LockTable') as unknown },
          WAIT_CONCURRENCY: '3',
        },
      },
    });
  });

  it.each(['get-execution', 'list-executions', 'stop-execution'])('%s knows the table and every runbook', (name) => {
    expect(named(name)).toMatchObject({ Timeout: 20, MemorySize: 192 });
    expect(variablesOf(named(name)).RESULT_TABLE).toBeDefined();
    expect(JSON.stringify(variablesOf(named(name)).STATE_MACHINES)).toMatch(/"run-command=",\{"Fn::ImportValue"/);
  });
});

describe('a table of routes that the stack cannot serve', () => {
  function refusals(routes: Routes): unknown[] {
    const app = testApp();
    const config = parseConfig('test', {});
    const bundles = standInBundles();
    const { foundation, runbooks } = addFleetwright(app, { environment: 'dev', config, bundles });
    const alerting = { topic: foundation.topic, actionsEnabled: true };
    const context = { environment: 'dev', config, bundles, alerting };
    const stack = new ApiStack(app, 'other', { context, foundation, runbooks, routes });
    const errors = stack.node.metadata.filter(({ type }) => type === 'aws:cdk:error');
    return errors.map(({ data }): unknown => data);
  }

  it('is refused with the route, and what is missing', () => {
    const start = START_ROUTES.map((route) => ({ ...route, path: '/reboots' as const, runbook: 'reboot' }));
    const own = OWN_ROUTES.slice(0, 1).map((route) => ({ ...route, function: 'count-executions' }));
    expect(refusals({ start, own })).toEqual([
      expect.stringMatching(/POST \/reboots starts the runbook reboot, which the stack does not have/),
      expect.stringMatching(/GET \/executions names the function count-executions, which has no grants/),
    ]);
  });
});

describe('the alarms', () => {
  const alarms = propertiesOf(api, 'AWS::CloudWatch::Alarm');

  it('watch the API and its functions, and say what they mean', () => {
    const watched = alarms.map(({ MetricName }) => MetricName as string);
    const count = (metric: string) => watched.filter((name) => name === metric).length;
    expect([count('Errors'), count('Throttles'), count('5xx')]).toEqual([functions.length, functions.length, 1]);
    for (const { AlarmActions, AlarmDescription } of alarms) {
      expect(JSON.stringify(AlarmActions)).toMatch(/NotificationTopic/);
      expect((AlarmDescription as string).length).toBeGreaterThan(40);
    }
  });
});

describe('the saved queries', () => {
  const queries = propertiesOf(api, 'AWS::Logs::QueryDefinition');

  it('ask the logs of every function, those of the runbooks too', () => {
    const [one] = queries.filter(({ Name }) => (Name as string).endsWith('what one execution did'));
    expect(one?.LogGroupNames).toHaveLength(functions.length + ofType(runbooks, 'AWS::Lambda::Function').length);
  });

  it('ask the access log for what failed', () => {
    const [failed] = queries.filter(({ Name }) => (Name as string).endsWith('API requests that failed'));
    const [logs] = ofType(api, 'AWS::Logs::LogGroup').find(([id]) => id.startsWith('ApiLogs')) ?? [];
    expect(failed?.LogGroupNames).toEqual([{ Ref: logs }]);
  });
});

describe('the stack', () => {
  it('tells the names that others need', () => {
    expect(Object.keys(api.Outputs)).toEqual([
      'ApiEndpoint',
      'ApiId',
      'StartRunCommandFunctionName',
      'StartFleetCommandFunctionName',
      'StartStartAssociationFunctionName',
      'StartAmiRolloutFunctionName',
      'ListExecutionsFunctionName',
      'GetExecutionFunctionName',
      'StopExecutionFunctionName',
      'DecideApprovalFunctionName',
      'GetOpenapiFunctionName',
    ]);
    expect(api.Outputs.ApiEndpoint).toMatchObject({ Value: { 'Fn::GetAtt': [expect.any(String), 'ApiEndpoint'] } });
  });

  it('keeps its logs as long as configured', () => {
    for (const { RetentionInDays } of propertiesOf(api, 'AWS::Logs::LogGroup')) expect(RetentionInDays).toBe(14);
  });

  it('is as it was', () => expect(masked(api)).toMatchSnapshot());
});
