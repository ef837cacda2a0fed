import { afterEach, describe, expect, it } from '@jest/globals';
import { AwsError } from '../../../../sandbox/core/aws-error.ts';
import { bench, closeBenches, functionArn } from './support.ts';

afterEach(closeBenches);

const UNAVAILABLE = { status: 503, text: '{"message":"Service Unavailable"}' };
const BROKEN = { status: 500, text: '{"message":"Internal Server Error"}' };
const THROTTLED = { status: 429, text: '{"message":"Too Many Requests"}' };

const FORMAT = JSON.stringify({
  id: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  path: '$context.path',
  agent: '$context.identity.userAgent',
  caller: '$context.identity.userArn',
  sub: '$context.authorizer.claims.sub',
  status: '$context.status',
  integration: '$context.integrationStatus/$context.integration.status',
  latency: '$context.integrationLatency $context.responseLatency',
  length: '$context.responseLength',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
});
const AccessLogSettings = {
  DestinationArn: 'arn:aws:logs:eu-central-1:123456789012:log-group:access:*',
  Format: FORMAT,
};

describe('throttling', () => {
  it('lets a burst through, then as many as the rate refills, for each route by itself', async () => {
    const api = await bench({
      stage: {
        DefaultRouteSettings: { ThrottlingBurstLimit: 2, ThrottlingRateLimit: 0.5 },
        RouteSettings: { 'GET /slow': { ThrottlingBurstLimit: 1 }, 'GET /closed': { ThrottlingBurstLimit: 0 } },
      },
    });
    for (const key of ['GET /', 'GET /slow', 'GET /closed']) await api.route(key, () => 'ok');
    const statuses = async (path: string, times: number) => {
      const all: number[] = [];
      for (let time = 0; time < times; time++) all.push((await api.send({ path })).status);
      return all;
    };
    expect(await statuses('/', 4)).toEqual([200, 200, 429, 429]);
    expect(await statuses('/slow', 2)).toEqual([200, 429]);
    expect(await api.send({ path: '/closed' })).toMatchObject(THROTTLED);
    await api.world.clock.runFor(1_999);
    expect(await statuses('/', 1)).toEqual([429]);
    await api.world.clock.runFor(1);
    expect(await statuses('/', 2)).toEqual([200, 429]);
    await api.world.clock.runFor(3_600_000);
    expect(await statuses('/', 3)).toEqual([200, 200, 429]);
  });

  it('counts nothing that the authorizer refuses', async () => {
    const api = await bench({
      stage: { DefaultRouteSettings: { ThrottlingBurstLimit: 1, ThrottlingRateLimit: 1 } },
      authorize: ({ headers }) =>
        headers['authorization'] === 'yes'
          ? { allowed: true, authorizer: undefined, principal: '' }
          : { allowed: false, status: 403, message: 'Forbidden', headers: { 'x-amzn-errortype': 'Denied' } },
    });
    await api.route('GET /', () => 'ok', { route: { AuthorizationType: 'AWS_IAM' } });
    const refused = await api.send({});
    expect(refused).toMatchObject({ status: 403, text: '{"message":"Forbidden"}' });
    expect(refused.headers['x-amzn-errortype']).toBe('Denied');
    const headers = { authorization: 'yes' };
    expect(await api.send({ headers })).toMatchObject({ status: 200 });
    expect(await api.send({ headers })).toMatchObject(THROTTLED);
    expect(await api.send({})).toMatchObject({ status: 403 });
  });
});

describe('an integration', () => {
  it('is given up after 30 s, or after its own time-out, while the function runs on', async () => {
    const api = await bench({ stage: { AccessLogSettings } });
    const { clock } = api.world;
    const done: number[] = [];
    const slow = (seconds: number) => async () => {
      await clock.sleep(seconds * 1000);
      done.push(seconds);
      return 'late';
    };
    await api.route('GET /30', slow(30.001));
    await api.route('GET /29', slow(29.999));
    await api.route('GET /5', slow(6), { timeout: 5_000 });
    const started = clock.now();
    expect(await api.send({ path: '/29' })).toMatchObject({ status: 200, text: '"late"' });
    expect(clock.now() - started).toBe(29_999);
    expect(await api.send({ path: '/30' })).toMatchObject(UNAVAILABLE);
    expect(clock.now() - started).toBe(59_999);
    expect(await api.send({ path: '/5' })).toMatchObject(UNAVAILABLE);
    expect(done).toEqual([29.999, 30.001]);
    await clock.runFor(1_000);
    expect(done).toEqual([29.999, 30.001, 6]);
    const [, late] = api.world.lines.map(({ line }) => JSON.parse(line) as Record<string, string>);
    expect(late).toMatchObject({ status: '503', integration: '-/-', latency: '30000 30000' });
    expect(late?.['error']).toBe('Service Unavailable');
  });

  it.each([
    ['is throttled', new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429), UNAVAILABLE],
    ['is missing', new AwsError('ResourceNotFoundException', 'Function not found', 404), BROKEN],
    ['has an error of its own', new AwsError('ServiceException', 'oops', 500), BROKEN],
    [
      'takes no such payload',
      new AwsError('RequestTooLargeException', 'Request must be smaller', 413),
      { status: 413, text: '{"message":"Request Entity Too Large"}' },
    ],
  ])('whose function %s', async (_, error, expected) => {
    const api = await bench({ stage: { AccessLogSettings } });
    await api.route('GET /', () => Promise.reject(error));
    expect(await api.send({})).toMatchObject(expected);
    expect(JSON.parse(api.world.lines[0]?.line ?? '')).toMatchObject({
      integration: `${error.status}/-`,
      integrationError: error.message,
    });
  });

  it('that the sandbox cannot model surfaces, and is a bug over HTTP', async () => {
    const api = await bench();
    await api.route('GET /', () => Promise.reject(new AwsError('NotImplemented', 'not modelled', 501)));
    await expect(api.send({})).rejects.toThrow('not modelled');
    const answer = await fetch(api.endpoint);
    expect([answer.status, await answer.text()]).toEqual([BROKEN.status, BROKEN.text]);
    expect(api.reported).toEqual([expect.objectContaining({ message: 'not modelled' })]);
  });

  it('needs leave in the policy of the function, by the route as it is written', async () => {
    const api = await bench({ stage: { AccessLogSettings } });
    const arn = `arn:aws:execute-api:eu-central-1:123456789012:${api.apiId}`;
    await api.route('GET /none', () => 'ok', { permission: false });
    await api.route('GET /other', () => 'ok', { permission: `${arn}/*/*/elsewhere` });
    await api.route('GET /of/{id}', () => 'ok', { permission: `${arn}/*/*/of/{id}` });
    await api.route('ANY /any/{proxy+}', () => 'ok', { permission: `${arn}/*/*/any/{proxy+}` });
    await api.route('$default', () => 'ok', { permission: `${arn}/$default/$default` });
    expect(await api.send({ path: '/none' })).toMatchObject(BROKEN);
    expect(JSON.parse(api.world.lines[0]?.line ?? '')).toMatchObject({
      status: '500',
      integration: '403/-',
      integrationError:
        "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again.",
    });
    expect(await api.send({ path: '/other' })).toMatchObject(BROKEN);
    for (const path of ['/of/5', '/any/a/b', '/']) expect(await api.send({ path })).toMatchObject({ status: 200 });
  });
});

describe('the access log', () => {
  it('has one line a request, whatever it holds', async () => {
    const authorizer = { iam: { userArn: 'arn:aws:iam::123456789012:user/me' }, jwt: { claims: { sub: 'me' } } };
    const api = await bench({
      stage: { AccessLogSettings },
      authorize: () => ({ allowed: true, authorizer, principal: 'me' }),
    });
    await api.route('GET /a/{id}', () => ({ statusCode: 201, body: 'hello' }), {
      route: { AuthorizationType: 'AWS_IAM' },
    });
    const headers = { 'user-agent': 'evil","status":"999' };
    const { headers: answered } = await api.send({ path: '/a/%0A%22?q=secret', headers });
    expect(api.world.lines).toHaveLength(1);
    const { group, stream, line } = api.world.lines[0] ?? { group: '', stream: '', line: '' };
    expect([group, stream]).toEqual(['access', expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({
      id: answered['apigw-requestid'],
      time: '05/Jan/2026:09:00:00 +0000',
      route: 'GET /a/{id}',
      path: '/a/\n"',
      agent: 'evil","status":"999',
      caller: 'arn:aws:iam::123456789012:user/me',
      sub: 'me',
      status: '201',
      integration: '200/201',
      latency: '0 0',
      length: '5',
      error: '-',
      integrationError: '-',
      authorizerError: '-',
    });
  });

  it('says why a request got no further', async () => {
    const api = await bench({
      stage: { AccessLogSettings },
      authorize: () => ({ allowed: false, status: 401, message: 'Unauthorized', errorType: 'expired' }),
    });
    await api.route('GET /', () => new Error('boom'));
    await api.route('GET /shut', () => 'ok', { route: { AuthorizationType: 'AWS_IAM' } });
    for (const path of ['/missing', '/shut', '/']) await api.send({ path });
    const lines = api.world.lines.map(({ line }) => JSON.parse(line) as Record<string, string>);
    expect(lines).toMatchObject([
      { status: '404', route: '-', error: 'Not Found' },
      { status: '401', route: 'GET /shut', error: 'Unauthorized', authorizerError: 'expired', integration: '-/-' },
      { status: '500', integration: '200/-', integrationError: expect.stringContaining('boom') },
    ]);
  });
});

describe('what the sandbox does not model', () => {
  const withStage = async (properties: Record<string, unknown>): Promise<unknown> => bench({ stage: properties });

  it.each([
    [{ ...AccessLogSettings, Format: '$context.requestId $context.wafLatency' }, '$context.wafLatency'],
    [{ ...AccessLogSettings, Format: '$context.requestId $context.authorizer.claims' }, '$context.authorizer.claims'],
    [{ ...AccessLogSettings, Format: '$context.status' }, 'must contain $context.requestId'],
    [{ ...AccessLogSettings, Format: '$context.requestId\n$context.status' }, 'single line'],
    [{ ...AccessLogSettings, DestinationArn: 'arn:aws:firehose:eu-central-1:1:deliverystream/x' }, 'no log group'],
  ])('an access log %j is refused', async (settings, problem) => {
    await expect(withStage({ AccessLogSettings: settings })).rejects.toThrow(problem);
  });

  it('stages, APIs, integrations and routes of other kinds are refused by name', async () => {
    await expect(withStage({ AutoDeploy: false })).rejects.toThrow('AutoDeploy');
    const api = await bench();
    const Api = { Name: 'x', ProtocolType: 'HTTP' };
    await expect(api.create('AWS::ApiGatewayV2::Api', { ...Api, ProtocolType: 'WEBSOCKET' })).rejects.toThrow(
      'WEBSOCKET APIs',
    );
    await expect(api.create('AWS::ApiGatewayV2::Api', { ...Api, CorsConfiguration: {} })).rejects.toThrow(
      'CorsConfiguration',
    );
    const integration = {
      ApiId: api.apiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: functionArn('f'),
      PayloadFormatVersion: '2.0',
    };
    const refuse = (properties: object) =>
      expect(api.create('AWS::ApiGatewayV2::Integration', { ...integration, ...properties })).rejects;
    await refuse({ IntegrationType: 'HTTP_PROXY' }).toThrow('HTTP_PROXY');
    await refuse({ PayloadFormatVersion: '1.0' }).toThrow('payload format 1.0');
    await refuse({ IntegrationSubtype: 'SQS-SendMessage' }).toThrow('IntegrationSubtype');
    await refuse({ TimeoutInMillis: 30_001 }).toThrow('TimeoutInMillis');
    await refuse({ IntegrationUri: 'https://example.com' }).toThrow('Invalid integration URI');
    await refuse({ ApiId: 'other' }).toThrow('Invalid API identifier');
    for (const key of ['GET pets', 'get /pets', 'GET /pets/', 'GET /{a+}/b', 'GET /{a}/{a}', 'GET /a b', '/pets'])
      await expect(api.route(key, () => 'x')).rejects.toThrow(/route key|path parameter/);
    await api.route('GET /pets', () => 'x');
    await expect(api.route('GET /pets', () => 'x')).rejects.toThrow('already exists');
  });
});
