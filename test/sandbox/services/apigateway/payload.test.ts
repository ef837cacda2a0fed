import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bench, closeBenches, RawPayload, type Bench, type Event } from './support.ts';

let api: Bench;
let answer: unknown;
let event: Event | undefined;
beforeAll(async () => {
  api = await bench({
    stage: { StageVariables: { stageVariable1: 'value1' } },
    authorize: () => ({ allowed: true, authorizer: { jwt: { claims: { sub: 'me' }, scopes: ['s'] } }, principal: '' }),
  });
  const keep = (given: Event): unknown => {
    event = given;
    return answer;
  };
  await api.route('$default', keep);
  await api.route('POST /my/{parameter1}', keep, { route: { AuthorizationType: 'AWS_IAM' } });
});
afterAll(closeBenches);

async function eventOf(request: Parameters<Bench['send']>[0]): Promise<Event> {
  await api.send(request);
  if (event === undefined) throw new Error('the function was not called');
  return event;
}

describe('the event', () => {
  it('is that of payload format 2.0', async () => {
    const given = await eventOf({
      method: 'POST',
      path: '/my/a%2Bb?parameter1=value1&parameter1=value%202&parameter2=value&empty&plus=a+b',
      headers: {
        Header1: 'value1',
        Header2: ['value1', 'value2'],
        Cookie: 'cookie1=a; cookie2=b',
        'Content-Type': 'text/plain',
        'User-Agent': 'agent',
        'X-Forwarded-For': '10.0.0.1',
        'X-Amzn-Trace-Id': 'Root=1-2-3',
      },
      body: 'Hello from Lambda',
    });
    const host = new URL(api.endpoint).host;
    expect(given).toEqual({
      version: '2.0',
      routeKey: 'POST /my/{parameter1}',
      rawPath: '/my/a+b',
      rawQueryString: 'parameter1=value1&parameter1=value%202&parameter2=value&empty&plus=a+b',
      cookies: ['cookie1=a', 'cookie2=b'],
      headers: {
        host,
        header1: 'value1',
        header2: 'value1,value2',
        'content-type': 'text/plain',
        'content-length': '17',
        'user-agent': 'agent',
        'x-forwarded-for': '10.0.0.1, 127.0.0.1',
        'x-forwarded-port': host.split(':')[1],
        'x-forwarded-proto': 'http',
        'x-amzn-trace-id': 'Root=1-2-3',
      },
      queryStringParameters: { parameter1: 'value1,value 2', parameter2: 'value', empty: '', plus: 'a b' },
      requestContext: {
        accountId: '123456789012',
        apiId: api.apiId,
        authorizer: { jwt: { claims: { sub: 'me' }, scopes: ['s'] } },
        domainName: `${api.apiId}.execute-api.eu-central-1.amazonaws.com`,
        domainPrefix: api.apiId,
        http: { method: 'POST', path: '/my/a+b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'agent' },
        requestId: expect.stringMatching(/^\w{15}=$/),
        routeKey: 'POST /my/{parameter1}',
        stage: '$default',
        time: '05/Jan/2026:09:00:00 +0000',
        timeEpoch: Date.UTC(2026, 0, 5, 9),
      },
      body: 'Hello from Lambda',
      pathParameters: { parameter1: 'a+b' },
      isBase64Encoded: false,
      stageVariables: { stageVariable1: 'value1' },
    });
  });

  it('leaves out what there is not', async () => {
    const given = await eventOf({ path: '/' });
    expect(Object.keys(given)).toEqual([
      'version',
      'routeKey',
      'rawPath',
      'rawQueryString',
      'headers',
      'requestContext',
      'isBase64Encoded',
      'stageVariables',
    ]);
    expect(given.requestContext).not.toHaveProperty('authorizer');
    expect(given.headers['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  });

  it('asks the authorizer about the path as it is, and the function about the route', async () => {
    await eventOf({ method: 'POST', path: '/my/x%20y?z=1', headers: { Repeated: ['a', 'b'] } });
    expect(api.asked.at(-1)).toMatchObject({
      routeKey: 'POST /my/{parameter1}',
      routeArn: `arn:aws:execute-api:eu-central-1:123456789012:${api.apiId}/$default/POST/my/x y`,
      path: '/my/x%20y',
      query: 'z=1',
      headers: { repeated: 'a,b' },
      rawHeaders: expect.arrayContaining(['Repeated', 'a', 'b']),
      pathParameters: { parameter1: 'x y' },
      stageVariables: { stageVariable1: 'value1' },
      time: Date.UTC(2026, 0, 5, 9),
    });
    const { caller } = api.world.dispatcher.journal.at(-1) ?? {};
    expect(caller).toEqual({
      kind: 'service',
      arn: 'apigateway.amazonaws.com',
      sourceArn: `arn:aws:execute-api:eu-central-1:123456789012:${api.apiId}/$default/POST/my/{parameter1}`,
    });
  });

  it.each([
    ['text/plain', 'ä', false],
    ['text/csv; charset=utf-8', 'a,b', false],
    ['application/json', '{}', false],
    ['Application/JSON;charset=UTF-8', '{}', false],
    ['application/xml', '<a/>', false],
    ['application/javascript', '1', false],
    ['application/problem+json', '{}', true],
    ['application/x-www-form-urlencoded', 'a=b', true],
    ['application/octet-stream', 'x', true],
    [undefined, 'x', true],
  ])('of the content type %s has the body as text or in base64', async (contentType, body, isBase64Encoded) => {
    const headers = { ...(contentType !== undefined && { 'content-type': contentType }) };
    const given = await eventOf({ method: 'POST', path: '/', headers, body });
    const expected = isBase64Encoded ? Buffer.from(body).toString('base64') : body;
    expect(given).toMatchObject({ body: expected, isBase64Encoded });
  });

  it('has bytes that are no UTF-8 in base64 whatever their type', async () => {
    const headers = { 'content-type': 'application/json' };
    const given = await eventOf({ method: 'POST', path: '/', headers, body: Buffer.from([0x22, 0xff, 0x22]) });
    expect(given).toMatchObject({ body: 'Iv8i', isBase64Encoded: true });
  });
});

describe('the answer', () => {
  const answered = async (output: unknown, method = 'GET') => {
    answer = output;
    const { status, text, headers } = await api.send({ method, path: '/answer' });
    const { 'apigw-requestid': id, ...others } = headers;
    expect(id).toMatch(/^\w{15}=$/);
    return { status, text, headers: others };
  };

  it('is what a function says with a statusCode', async () => {
    const headers = { 'Content-Type': 'application/problem+json', 'X-Count': 3, 'X-Yes': true, 'Content-Length': '1' };
    const output = { statusCode: 409, headers, cookies: ['a=1; Secure', 'b=2'], body: '{"é":1}' };
    expect(await answered(output)).toEqual({
      status: 409,
      text: '{"é":1}',
      headers: {
        'content-type': 'application/problem+json',
        'content-length': '8',
        'x-count': '3',
        'x-yes': 'true',
        'set-cookie': ['a=1; Secure', 'b=2'],
      },
    });
  });

  it('is text where a function says no type, and empty where it says no body', async () => {
    expect(await answered({ statusCode: 200, body: 'x' })).toMatchObject({
      text: 'x',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    expect(await answered({ statusCode: '201', body: null, headers: null })).toMatchObject({ status: 201, text: '' });
  });

  it('is decoded from base64', async () => {
    expect(await answered({ statusCode: 200, body: 'aGk=', isBase64Encoded: true })).toMatchObject({ text: 'hi' });
  });

  it.each([
    [{ message: 'Hello' }, '{"message":"Hello"}'],
    ['Hello from Lambda!', '"Hello from Lambda!"'],
    [null, 'null'],
    [[1], '[1]'],
    [{ body: 'x', headers: { a: 'b' } }, '{"body":"x","headers":{"a":"b"}}'],
    [new RawPayload('{"half":'), '{"half":'],
  ])('is the output %j in JSON where it has no statusCode', async (output, text) => {
    expect(await answered(output)).toEqual({
      status: 200,
      text,
      headers: { 'content-type': 'application/json', 'content-length': String(text.length) },
    });
  });

  it.each([
    [{ statusCode: 'ok' }],
    [{ statusCode: 99 }],
    [{ statusCode: null }],
    [{ statusCode: [200] }],
    [{ statusCode: 200, body: { a: 1 } }],
    [{ statusCode: 200, headers: { a: ['b'] } }],
    [{ statusCode: 200, headers: { a: 'b\r\nc: d' } }],
    [{ statusCode: 200, headers: { 'a b': 'c' } }],
    [{ statusCode: 200, cookies: 'a=b' }],
    [{ statusCode: 200, cookies: ['a\n'] }],
    [new Error('boom')],
  ])('is 500 for %j', async (output) => {
    const own = { 'content-type': 'application/json', 'content-length': '35' };
    expect(await answered(output)).toEqual({ status: 500, text: '{"message":"Internal Server Error"}', headers: own });
  });

  it('has no body for HEAD, 204 and 304', async () => {
    expect(await answered({ statusCode: 200, body: 'abc' }, 'HEAD')).toMatchObject({
      text: '',
      headers: { 'content-length': '3' },
    });
    for (const statusCode of [204, 304]) {
      const { text, headers } = await answered({ statusCode, body: 'abc' });
      expect(text).toBe('');
      expect(headers).not.toHaveProperty('content-length');
    }
  });
});
