import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { jsonAnswer } from '../../../../functions/lib/api/answer.ts';
import type { ApiRequest } from '../../../../functions/lib/api/api.ts';
import { ApiError } from '../../../../functions/lib/api/errors.ts';
import { withoutPrincipals } from '../../../../functions/lib/api/scrub.ts';
import * as z from '../../../../functions/lib/zod.ts';
import { ask, CALLER, type Asked } from '../../api-support.ts';

process.env['POWERTOOLS_LOG_LEVEL'] = 'DEBUG';
const { api } = await import('../../../../functions/lib/api/api.ts');

let decide: (request: ApiRequest) => unknown = () => ({ isDone: true });
const handler = api({ body: true }, async (request) =>
  jsonAnswer(200, z.strictObject({ isDone: z.boolean() }), await decide(request)),
);
const post = (asked: Asked = {}) => ask(handler, { body: { pass_word: 'hunter2' }, ...asked });

/** What is logged meanwhile, line by line. */
function logged(): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  for (const stream of [process.stdout, process.stderr])
    jest.spyOn(stream, 'write').mockImplementation((line) => {
      lines.push(JSON.parse(String(line)) as Record<string, unknown>);
      return true;
    });
  return lines;
}

afterEach(() => {
  jest.restoreAllMocks();
  decide = () => ({ isDone: true });
});

describe('a body', () => {
  const refused = async (asked: Asked): Promise<unknown> => {
    logged();
    const { status, body } = await post(asked);
    return [status, (body['errors'] as { reason: string }[] | undefined)?.[0]?.reason ?? body['type']];
  };

  it.each<[string, Asked, number, unknown]>([
    ['that is none', { body: '' }, 400, /well-formed/],
    ['of no JSON', { body: '{"a":' }, 400, /well-formed/],
    ['of no object', { body: '[1]' }, 400, /must be a JSON object/],
    ['that is null', { body: 'null' }, 400, /must be a JSON object/],
    ['with __proto__ in it', { body: '{"a": {"__proto__": {"x": 1}}}' }, 400, /__proto__/],
    ['with constructor.prototype in it', { body: '{"constructor": {"prototype": {}}}' }, 400, /well-formed/],
    ['that is too large', { body: { a: 'x'.repeat(252 * 1024) } }, 400, /bytes, and may have 258048/],
    ['that is too deep', { body: `${'{"a":'.repeat(33)}1${'}'.repeat(33)}` }, 400, /deeper than 32/],
    ['that is far too deep', { body: '['.repeat(100_000) }, 400, /well-formed/],
    ['of bytes that are no UTF-8', { body: '/w==', event: { isBase64Encoded: true } }, 400, /UTF-8/],
    ['of no type', { headers: { 'content-type': '' } }, 415, /UnsupportedMediaType/],
    ['of another type', { headers: { 'content-type': 'text/json' } }, 415, /UnsupportedMediaType/],
  ])('%s is refused', async (_, asked, status, reason) =>
    expect(await refused(asked)).toEqual([status, expect.stringMatching(reason as RegExp)]),
  );

  it.each<[string, Asked]>([
    ['as bytes', { body: Buffer.from('{"a":"é"}').toString('base64'), event: { isBase64Encoded: true } }],
    ['behind a byte order mark', { body: '\ufeff{"a":"é"}' }],
    [
      'of a type of its own',
      { body: '{"a":"é"}', headers: { 'content-type': 'application/vnd.acme+json; charset=utf-8' } },
    ],
    ['with its header in capitals', { body: '{"a":"é"}', event: { headers: { 'CONTENT-TYPE': 'application/json' } } }],
  ])('is read %s', async (_, asked) => {
    logged();
    const bodies: unknown[] = [];
    decide = ({ body }) => {
      bodies.push(body);
      return {};
    };
    expect((await post(asked)).status).toBe(200);
    expect(bodies).toEqual([{ a: 'é' }]);
  });
});

describe('the log', () => {
  const who = { function_name: 'test', correlation_id: 'request-1', route: 'POST /run-commands' };

  it('holds route and status under the request’s id, and no body', async () => {
    const lines = logged();
    await post();
    expect(lines).toEqual([expect.objectContaining({ ...who, level: 'INFO', message: 'answered', status: 200 })]);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it.each<[string, Asked]>([
    ['no JSON', { body: '{"pass_word": "hunter2"' }],
    ['too large', { body: 'hunter2'.repeat(50_000) }],
    ['of another type', { headers: { 'content-type': 'text/plain' } }],
    ['in a query and headers, too', { body: '', headers: { 'x-a': 'hunter2' }, query: { a: 'hunter2' } }],
  ])('holds the name of a refusal, and nothing of what was sent: %s', async (_, asked) => {
    const lines = logged();
    expect((await post(asked)).status).toBeGreaterThanOrEqual(400);
    expect(lines).toEqual([expect.objectContaining({ ...who, level: 'INFO', message: 'refused' })]);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('holds the reason of a fault, which the answer does not', async () => {
    const lines = logged();
    decide = () => {
      throw new TypeError('no such table');
    };
    const { status, text } = await post();
    expect(status).toBe(500);
    expect(text).not.toMatch(/no such table|TypeError|stack/);
    expect(lines).toEqual([
      expect.objectContaining({ ...who, level: 'ERROR', status: 500, error: 'TypeError', reason: 'no such table' }),
    ]);
  });

  it('holds a warning beside the answer', async () => {
    const lines = logged();
    decide = ({ warn }) => {
      warn('could not wait', new RangeError('why'));
      return {};
    };
    await post();
    expect(lines[0]).toMatchObject({
      ...who,
      level: 'WARN',
      message: 'could not wait',
      error: 'RangeError',
      reason: 'why',
    });
  });

  it('forgets one request before the next', async () => {
    const lines = logged();
    await post({ requestId: 'one', path: '/a' });
    await post({ requestId: 'two', path: '/b' });
    expect(lines.map(({ correlation_id: id, route }) => [id, route])).toEqual([
      ['one', 'POST /a'],
      ['two', 'POST /b'],
    ]);
  });
});

it('tells an error as the function meant it, with its headers', async () => {
  logged();
  decide = () => {
    throw new ApiError('TargetOffline', `${CALLER} sees it asleep`, { headers: { 'retry-after': '9' } });
  };
  expect(await post()).toMatchObject({
    status: 409,
    headers: { 'retry-after': '9', 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: {
      title: 'The target cannot be reached',
      detail: '(a principal of this account) sees it asleep',
      instance: '/run-commands',
    },
  });
});

it('tells an error that nobody knows as one of ours', async () => {
  logged();
  decide = () => {
    throw new ApiError('toString', 'secret');
  };
  expect(await post()).toMatchObject({ status: 500, body: { type: 'urn:fleetwright:problem:InternalError' } });
});

describe('texts of AWS lose the principals in them', () => {
  const hidden = '(a principal of this account)';
  it.each([
    [
      'User: arn:aws:sts::123456789012:assumed-role/Stack-Role1A2B/fn-name is not authorized to perform: ssm:SendCommand on resource: arn:aws:ec2:eu-central-1:123456789012:instance/i-0123456789abcdef0 because no identity-based policy allows the ssm:SendCommand action',
      `User: ${hidden} is not authorized to perform: ssm:SendCommand on resource: arn:aws:ec2:eu-central-1:123456789012:instance/i-0123456789abcdef0 because no identity-based policy allows the ssm:SendCommand action`,
    ],
    ['role "arn:aws:iam::123456789012:role/path/My+Role=,.@-_x", and', `role "${hidden}", and`],
    ["'arn:aws-cn:iam::123456789012:instance-profile/x'", `'${hidden}'`],
    ['[arn:aws-us-gov:iam::1:user/a,arn:aws:iam::1:user/b]', `[${hidden}`],
    ['arn:aws:iam::aws:policy/AdministratorAccess', 'arn:aws:iam::aws:policy/AdministratorAccess'],
    ['arn:aws:sts::1:federated-user/bob; next', `${hidden}; next`],
    ['arn:aws:s3:::bucket/arn', 'arn:aws:s3:::bucket/arn'],
  ])('%s', (text, told) => expect(withoutPrincipals(text)).toBe(told));
});
