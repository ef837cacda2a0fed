import { beforeEach, describe, expect, it } from '@jest/globals';
import { AwsError } from '../../../../../sandbox/core/aws-error.ts';
import type { GatewayRequest, RouteAuthorization } from '../../../../../sandbox/services/apigateway/authorization.ts';
import { VirtualClock } from '../../../../../sandbox/clock/virtual-clock.ts';
import { allow, API, stage } from './support.ts';

const FUNCTION = 'arn:aws:lambda:eu-central-1:123456789012:function:authorize';
const PROPERTIES = {
  AuthorizerType: 'REQUEST',
  AuthorizerUri: `arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`,
  AuthorizerPayloadFormatVersion: '2.0',
  EnableSimpleResponses: true,
  IdentitySource: ['$request.header.X-Key'],
};

let at: Awaited<ReturnType<typeof stage>>;
beforeEach(async () => {
  at = await stage();
});

const using = (change: object = {}) => {
  const route = { type: 'CUSTOM', authorizer: at.create({ ...PROPERTIES, ...change }) } as const;
  return (request: Partial<GatewayRequest> = {}) => at.ask(route, { rawHeaders: ['X-Key', 'k1'], ...request });
};
const answers = (answer: unknown) => (at.lambda.answer = () => answer);

const forbidden = { allowed: false, status: 403, message: 'Forbidden' };
const failure = { allowed: false, status: 500, message: 'Internal Server Error' };

describe('a Lambda authorizer', () => {
  it('is told of the request, not of its body, and its context goes on', async () => {
    answers({ isAuthorized: true, context: { user: 'u', level: 3 } });
    const ask = using({ IdentitySource: ['$request.header.X-Key', '$request.querystring.q', '$context.routeKey'] });
    const request = {
      rawHeaders: ['X-Key', 'k1', 'Cookie', 'a=b; c=d'],
      ...{ method: 'POST', path: '/executions/a%20b/stop', query: 'q=1&q=2', body: Buffer.from('{}') },
      ...{ pathParameters: { id: 'a b' }, stageVariables: { v: 'w' }, time: Date.UTC(2026, 0, 5), routeKey: 'POST /x' },
    };
    expect(await ask(request)).toEqual({
      allowed: true,
      authorizer: { lambda: { user: 'u', level: 3 } },
      principal: '',
    });
    expect(at.invocations).toEqual([
      {
        caller: {
          kind: 'service',
          arn: 'apigateway.amazonaws.com',
          sourceArn: `arn:aws:execute-api:eu-central-1:123456789012:${API}/authorizers/auth1`,
        },
        event: {
          version: '2.0',
          type: 'REQUEST',
          routeArn: `arn:aws:execute-api:eu-central-1:123456789012:${API}/$default/POST/executions/a%20b/stop`,
          identitySource: ['k1', '1,2', 'POST /x'],
          routeKey: 'POST /x',
          rawPath: '/executions/a b/stop',
          rawQueryString: 'q=1&q=2',
          cookies: ['a=b', 'c=d'],
          headers: { 'x-key': 'k1' },
          queryStringParameters: { q: '1,2' },
          requestContext: {
            accountId: '123456789012',
            apiId: API,
            domainName: `${API}.execute-api.eu-central-1.amazonaws.com`,
            domainPrefix: API,
            http: {
              ...{ method: 'POST', path: '/executions/a b/stop', protocol: 'HTTP/1.1' },
              ...{ sourceIp: '127.0.0.1', userAgent: '' },
            },
            requestId: 'request-1',
            routeKey: 'POST /x',
            stage: '$default',
            time: '05/Jan/2026:00:00:00 +0000',
            timeEpoch: Date.UTC(2026, 0, 5),
          },
          pathParameters: { id: 'a b' },
          stageVariables: { v: 'w' },
        },
      },
    ]);
  });

  it('refuses with a boolean', async () => {
    answers({ isAuthorized: false });
    expect(await using()()).toMatchObject(forbidden);
  });

  it('is not called where an identity source is missing or empty', async () => {
    const ask = using({ IdentitySource: ['$request.header.X-Key', '$stageVariables.v'] });
    const unauthorized = { allowed: false, status: 401, message: 'Unauthorized' };
    expect(await ask({ rawHeaders: [] })).toMatchObject(unauthorized);
    expect(await ask({ rawHeaders: ['X-Key', ''] })).toMatchObject(unauthorized);
    expect(await ask()).toMatchObject(unauthorized);
    expect(at.invocations).toEqual([]);
  });

  it.each([
    new Error('thrown'),
    'no JSON',
    {},
    null,
    { isAuthorized: 'true' },
    { isAuthorized: true, context: [] },
    { principalId: 'p', policyDocument: allow('*') },
  ])('is 500 when the function answers %j', async (answer) => {
    answers(answer);
    expect(await using()()).toMatchObject(failure);
  });

  it('is 500 when the function cannot be called; a gap in the sandbox surfaces', async () => {
    at.lambda.answer = () => {
      throw new AwsError('AccessDeniedException', 'no', 403);
    };
    expect(await using()()).toMatchObject({ ...failure, errorType: 'no' });
    at.lambda.answer = () => {
      throw new AwsError('NotImplemented', 'gap', 501);
    };
    await expect(using()()).rejects.toThrow('gap');
  });

  it('is 500 when the function takes more than ten seconds', async () => {
    const clock = at.world.clock as VirtualClock;
    const after = (milliseconds: number) => () => clock.sleep(milliseconds).then(() => ({ isAuthorized: true }));
    const answered = async () => {
      const asked = clock.during(() => using()());
      await clock.runFor(11_000);
      return asked;
    };
    at.lambda.answer = after(9_999);
    expect(await answered()).toMatchObject({ allowed: true });
    at.lambda.answer = after(10_001);
    expect(await answered()).toMatchObject({ ...failure, errorType: 'The Lambda function timed out.' });
  });

  it('may answer an IAM policy', async () => {
    const policy = (...Statement: object[]) => ({
      principalId: 'me',
      policyDocument: { Version: '2012-10-17', Statement },
      context: { a: 1 },
    });
    const say = (Effect: string, Resource: string) => ({ Effect, Action: 'execute-api:Invoke', Resource });
    const ask = using({ EnableSimpleResponses: false });
    answers(policy(say('Allow', 'arn:aws:execute-api:*:*:*/*/GET/executions')));
    expect(await ask()).toEqual({ allowed: true, authorizer: { lambda: { a: 1 } }, principal: 'me' });
    expect(await ask({ method: 'POST' })).toMatchObject(forbidden);
    answers(policy(say('Allow', '*'), say('Deny', `arn:aws:execute-api:*:*:${API}/*/GET/*`)));
    expect(await ask()).toMatchObject(forbidden);
    answers(policy());
    expect(await ask()).toMatchObject(forbidden);
    for (const malformed of [{ principalId: 'me' }, { ...policy(), principalId: 7 }, { isAuthorized: true }]) {
      answers(malformed);
      expect(await ask()).toMatchObject(failure);
    }
  });

  it('is asked once for an identity until its answer is too old, on whatever route', async () => {
    const clock = at.world.clock as VirtualClock;
    const ask = using({ AuthorizerResultTtlInSeconds: 60 });
    answers({ isAuthorized: true });
    await ask();
    answers({ isAuthorized: false });
    expect(await ask({ method: 'POST', path: '/run-commands' })).toMatchObject({ allowed: true });
    expect(await ask({ rawHeaders: ['X-Key', 'k2'] })).toMatchObject(forbidden);
    expect(await ask({ stage: 'other' })).toMatchObject(forbidden);
    expect(at.invocations).toHaveLength(3);
    await clock.runFor(59_999);
    expect(await ask()).toMatchObject({ allowed: true });
    await clock.runFor(1);
    expect(await ask()).toMatchObject(forbidden);
    expect(at.invocations).toHaveLength(4);
  });

  it('has a remembered policy decide about each route, and remembers no failure', async () => {
    const ask = using({ AuthorizerResultTtlInSeconds: 60, EnableSimpleResponses: false });
    answers(new Error('once'));
    expect(await ask()).toMatchObject(failure);
    answers({ principalId: 'p', policyDocument: allow('arn:aws:execute-api:*:*:*/*/GET/*') });
    expect(await ask()).toMatchObject({ allowed: true });
    answers(new Error('never asked'));
    expect(await ask({ method: 'POST' })).toMatchObject(forbidden);
    expect(await ask({ path: '/other' })).toMatchObject({ allowed: true });
  });

  it.each([
    [{ AuthorizerUri: FUNCTION }, 'Invalid Authorizer URI'],
    [{ AuthorizerPayloadFormatVersion: undefined }, 'AuthorizerPayloadFormatVersion is a required parameter'],
    [{ AuthorizerPayloadFormatVersion: '1.0' }, 'does not model Lambda authorizers with the payload format 1.0'],
    [
      { AuthorizerCredentialsArn: 'arn:aws:iam::1:role/x' },
      'does not model Lambda authorizers with AuthorizerCredentialsArn',
    ],
    [{ IdentitySource: [], AuthorizerResultTtlInSeconds: 1 }, 'Identity source is required'],
    [{ IdentitySource: ['$context.accountId'] }, 'does not model the identity source $context.accountId'],
    [{ IdentitySource: ['X-Key'] }, 'Invalid mapping expression specified: X-Key'],
  ])('refuses %j at load', (change, message) => expect(() => using(change)).toThrow(message));
});

describe('a route', () => {
  it('needs the authorizer that its type names, and scopes for tokens alone', () => {
    const of = (route: RouteAuthorization) => at.authorizers.ofRoute(route);
    const authorizer = at.create(PROPERTIES);
    expect(() => of({ type: 'CUSTOM' })).toThrow('Invalid authorizer ID');
    expect(() => of({ type: 'JWT', authorizer })).toThrow('the route needs JWT, the authorizer is REQUEST');
    expect(() => of({ type: 'NONE', authorizer })).toThrow('only valid for CUSTOM and JWT');
    expect(() => of({ type: 'AWS_IAM', scopes: ['x'] })).toThrow('Authorization Scopes are only valid');
  });

  it('may be open to everybody', async () =>
    expect(await at.ask({ type: 'NONE' })).toEqual({ allowed: true, authorizer: undefined, principal: '' }));
});
