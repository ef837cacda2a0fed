import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bench, closeBenches, type Bench } from './support.ts';

const KEYS = [
  'GET /pets/dog/1',
  'GET /pets/dog/{id}',
  'GET /pets/{proxy+}',
  'GET /pets',
  'ANY /{proxy+}',
  'POST /executions/{id}/stop',
  'ANY /any',
  'GET /any',
  'GET /both',
  'ANY /both',
  '$default',
];

let api: Bench;
beforeAll(async () => {
  api = await bench({ stage: { StageVariables: { who: 'default' } } });
  for (const key of [...KEYS].reverse())
    await api.route(key, ({ routeKey, pathParameters }) => ({ routeKey, pathParameters }));
  const StageName = 'blue';
  await api.create('AWS::ApiGatewayV2::Stage', { ApiId: api.apiId, StageName, AutoDeploy: true });
});
afterAll(closeBenches);

const routed = async (method: string, path: string): Promise<unknown> => {
  const { text } = await api.send({ method, path });
  return JSON.parse(text) as unknown;
};

describe('a route', () => {
  it.each([
    ['GET', '/pets/dog/1', 'GET /pets/dog/1', undefined],
    ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
    ['GET', '/pets/cat/1', 'GET /pets/{proxy+}', { proxy: 'cat/1' }],
    ['GET', '/pets', 'GET /pets', undefined],
    ['POST', '/pets', 'ANY /{proxy+}', { proxy: 'pets' }],
    ['POST', '/executions/run.1/stop', 'POST /executions/{id}/stop', { id: 'run.1' }],
    ['GET', '/any', 'GET /any', undefined],
    ['PATCH', '/any', 'ANY /any', undefined],
    ['GET', '/both', 'GET /both', undefined],
    ['GET', '/', '$default', undefined],
    ['DELETE', '//', 'ANY /{proxy+}', { proxy: '/' }],
    ['OPTIONS', '/', '$default', undefined],
  ])('%s %s is %s', async (method, path, routeKey, pathParameters) => {
    expect(await routed(method, path)).toEqual({ routeKey, ...(pathParameters && { pathParameters }) });
  });

  it.each([
    ['/pets/dog/a%20b', 'GET /pets/dog/{id}', { id: 'a b' }],
    ['/pets/dog/%E2%82%AC', 'GET /pets/dog/{id}', { id: '€' }],
    ['/pets/dog/a+b', 'GET /pets/dog/{id}', { id: 'a+b' }],
    ['/pets/dog/%ff', 'GET /pets/dog/{id}', { id: '\u{FFFD}' }],
    ['/pets/dog/a%2Fb', 'GET /pets/{proxy+}', { proxy: 'dog/a/b' }],
    ['/%70ets/dog/1', 'GET /pets/dog/1', undefined],
    ['/pets/dog/1%3Fadmin=true', 'GET /pets/dog/1', undefined],
  ])('sees %s decoded', async (path, routeKey, pathParameters) => {
    expect(await routed('GET', path)).toEqual({ routeKey, ...(pathParameters && { pathParameters }) });
  });

  it.each([
    ['/pets/dog/..', 'GET /pets/dog/{id}', { id: '..' }],
    ['/pets/../any', 'GET /pets/{proxy+}', { proxy: '../any' }],
    ['/pets/%2e%2e/any', 'GET /pets/{proxy+}', { proxy: '../any' }],
    ['/pets//dog', 'GET /pets/{proxy+}', { proxy: '/dog' }],
    ['//pets', 'ANY /{proxy+}', { proxy: '/pets' }],
    ['/pets/', 'ANY /{proxy+}', { proxy: 'pets/' }],
  ])('takes %s as it stands: no segment is resolved or dropped', async (path, routeKey, pathParameters) => {
    expect(await routed('GET', path)).toEqual({ routeKey, pathParameters });
  });

  it('lies below the name of its stage, unless that is $default', async () => {
    expect(await routed('GET', '/blue/pets')).toEqual({ routeKey: 'GET /pets' });
    expect(await routed('GET', '/blue')).toEqual({ routeKey: '$default' });
    expect(await routed('GET', '/%24default/pets')).toMatchObject({ routeKey: 'ANY /{proxy+}' });
  });

  it('is 400 where the encoding is malformed', async () => {
    for (const path of ['/%', '/pets/%zz', '/a%2'])
      expect(await api.send({ path })).toMatchObject({ status: 400, text: '{"message":"Bad Request"}' });
  });
});

describe('an API without a route that fits', () => {
  it('answers 404, for any method, with its request id', async () => {
    const empty = await bench();
    await empty.route('GET /one', () => 'one');
    for (const method of ['POST', 'HEAD', 'OPTIONS', 'BREW']) {
      const { status, text, headers } = await empty.send({ method, path: '/one' });
      expect({ status, text }).toEqual({ status: 404, text: method === 'HEAD' ? '' : '{"message":"Not Found"}' });
      expect(headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '23' });
      expect(headers['apigw-requestid']).toMatch(/^[A-Za-z0-9]{15}=$/);
    }
  });

  it('has no stage: 404 as well', async () => {
    const stageless = await bench({ stage: false });
    await stageless.route('$default', () => 'x');
    expect(await stageless.send({})).toMatchObject({ status: 404, text: '{"message":"Not Found"}' });
  });
});
