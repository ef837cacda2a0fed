import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { Problem } from '../../functions/lib/schemas/problem.ts';
import { ask, type Answer, type ApiRequest } from '../support/api.ts';
import { machines } from '../support/fleet.ts';
import { createLab, type Lab } from '../support/lab.ts';

const RUNS = 2000;
/** So much later comes the next request: the stage lets 50 a second pass. */
const PAUSE = 25;

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const isProblem = ajv.compile(z.toJSONSchema(Problem));
const isStart = (answer: Answer) => Object.keys(answer.json()).sort().join() === 'execution_id,requested_at,runbook';

/** What API Gateway answers itself, in its own words. */
const GATEWAY =
  /^\{"message":"(?:Not Found|Forbidden|Bad Request|Request Entity Too Large|Request Header Fields Too Large)"\}$/;

const printable = (maxLength: number) =>
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength });
const nested = fc
  .tuple(fc.constantFrom('[', '{"a":'), fc.integer({ min: 30, max: 50_000 }))
  .map(([open, depth]) => open.repeat(depth) + '1' + (open === '[' ? ']' : '}').repeat(depth));
const value = fc.oneof(
  { maxDepth: 3 },
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.bigInt().map(String),
  fc.constant('i-1'),
);
/** Fields that every start has in common, and some that none has. */
const common = {
  timeout_seconds: fc.oneof(fc.integer({ min: -10, max: 200_000 }), value),
  comment: fc.oneof(fc.string(), value),
  working_directory: value,
  metadata: value,
  ['__proto__']: value,
};
const commands = fc.oneof(fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }), value);
const instanceId = fc.constantFrom('i-0fffffffffffffff0', machines.untagged);
const limit = fc.oneof(fc.integer({ min: -1, max: 60_000 }), fc.constantFrom('1%', '100%', '101%', '1.5%', '%'), value);

interface Documents {
  readonly like: fc.Arbitrary<object>;
  readonly valid: fc.Arbitrary<object>;
}

const validCommands = fc.array(
  printable(20).map((text) => `true ${text.replaceAll('{', '')}`),
  { minLength: 1, maxLength: 3 },
);
const validCommon = { timeoutSeconds: fc.integer({ min: 30, max: 172_800 }), comment: printable(100) };
const mostly = (arbitrary: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 3, arbitrary }, { weight: 1, arbitrary: value });

const ofRunCommand: Documents = {
  like: fc.record(
    { instance_id: mostly(instanceId), commands, instanceId: value, ...common },
    { requiredKeys: ['instance_id'] },
  ),
  valid: fc.record(
    { instance_id: instanceId, commands: validCommands, ...validCommon },
    { requiredKeys: ['instance_id'] },
  ),
};
const targets = fc.oneof(
  fc.record({ instance_ids: fc.array(mostly(instanceId), { maxLength: 3 }) }),
  fc.record({ tags: fc.dictionary(printable(20), fc.oneof(printable(20), value), { maxKeys: 2 }) }),
  fc.record({ auto_scaling_groups: fc.array(value, { maxLength: 2 }) }),
  value,
);
const ofFleetCommand: Documents = {
  like: fc.record(
    { targets, commands, max_concurrency: limit, maxErrors: limit, canary: limit, ...common },
    { requiredKeys: ['targets'] },
  ),
  valid: fc.record(
    { targets: fc.record({ instance_ids: fc.tuple(instanceId) }), commands: validCommands, ...validCommon },
    { requiredKeys: ['targets'] },
  ),
};
const ofAssociation: Documents = {
  like: fc.record({ association_id: mostly(fc.uuid()), ...common }, { requiredKeys: [] }),
  valid: fc.record({ association_id: fc.uuid() }),
};

const bodyOf = ({ like, valid }: Documents): fc.Arbitrary<string | Uint8Array> =>
  fc.oneof(
    { weight: 2, arbitrary: valid.map((document) => JSON.stringify(document)) },
    { weight: 6, arbitrary: like.map((document) => JSON.stringify(document)) },
    { weight: 2, arbitrary: fc.json() },
    { weight: 2, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    { weight: 1, arbitrary: nested },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'x'.repeat(2 ** 20),
        `{"comment":"${'é'.repeat(2 ** 19)}"}`,
        '{"instance_id":1,"instance_id":2}',
      ),
    },
  );
const headers = fc.record(
  {
    'content-type': fc.oneof(
      { weight: 6, arbitrary: fc.constant('application/json') },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'text/plain',
          'application/json,application/json',
          'multipart/form-data',
          'application/vnd.api+json',
        ),
      },
      { weight: 1, arbitrary: printable(30) },
    ),
    'idempotency-key': fc.oneof(fc.uuid(), printable(300), fc.constant('one,two')),
    prefer: fc.oneof(
      fc.constantFrom('wait=1', 'respond-async, wait="1"; x', 'wait=-1', 'wait=', 'WAIT = 1'),
      printable(40),
    ),
    'x-extra': printable(200),
  },
  { requiredKeys: [] },
);
const segment = fc.oneof(
  fc
    .string({ unit: 'binary' })
    .filter((text) => text.isWellFormed())
    .map(encodeURIComponent),
  fc.constantFrom(
    '..',
    '.',
    '',
    '%2e%2e',
    '%2F',
    '%00',
    '%ff',
    '%',
    'run-command.api-0',
    'run-command.%2F',
    'x'.repeat(4000),
  ),
);
const query = fc.oneof(
  fc.constant(''),
  fc
    .array(
      fc.tuple(fc.constantFrom('limit', 'status', 'runbook', 'next_token', 'started_after', 'force', 'x'), segment),
      { maxLength: 3 },
    )
    .map((pairs) => `?${pairs.map((pair) => pair.join('=')).join('&')}`),
);

const bodyRoute = (path: fc.Arbitrary<string>, documents = ofRunCommand): fc.Arbitrary<ApiRequest> =>
  fc.record({ method: fc.constant('POST' as const), path, headers, body: bodyOf(documents) });
const plainRoute = (method: 'GET' | 'POST', path: fc.Arbitrary<string>): fc.Arbitrary<ApiRequest> =>
  fc.record({ method: fc.constant(method), path, headers });
const joined = (...parts: (string | fc.Arbitrary<string>)[]) =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((texts) => texts.join(''));

describe('whatever is sent', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await createLab();
  });
  afterAll(() => lab.sandbox.close());

  /** Answers by what they are. */
  async function classified(request: ApiRequest): Promise<string> {
    const answer = await ask(lab, request);
    await lab.sandbox.clock.runFor(PAUSE);
    if (GATEWAY.test(answer.text)) return 'gateway';
    expect(answer.status).toBeLessThan(500);
    if (answer.status === 202) return isStart(answer) || 'status' in answer.json() ? 'start' : answer.text;
    if (answer.status === 200) return 'answer';
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(isProblem(camel(answer.json())) ? '' : `${answer.text} ${ajv.errorsText(isProblem.errors)}`).toBe('');
    return 'problem';
  }
  const camel = ({ request_id: requestId, ...rest }: Record<string, unknown>) => ({
    ...rest,
    ...(requestId !== undefined && { requestId }),
  });

  it.each([
    ['POST /run-commands', bodyRoute(joined('/run-commands', query)), ['start', 'problem']],
    ['POST /fleet-commands', bodyRoute(joined('/fleet-commands', query), ofFleetCommand), ['start', 'problem']],
    ['POST /start-association', bodyRoute(joined('/start-association', query), ofAssociation), ['start', 'problem']],
    ['GET /executions', plainRoute('GET', joined('/executions', query)), ['answer', 'problem']],
    ['GET /executions/{id}', plainRoute('GET', joined('/executions/', segment, query)), ['problem']],
    ['POST /executions/{id}/stop', plainRoute('POST', joined('/executions/', segment, '/stop', query)), ['problem']],
    ['GET /openapi.json', plainRoute('GET', joined('/openapi.json', query)), ['answer']],
    ['any path', bodyRoute(joined('/', segment, '/', segment, query)), []],
  ])(
    '%s is a start, an answer or a problem, and never our fault',
    async (_, requests, expected) => {
      const seen = new Set<string>();
      await fc.assert(
        fc.asyncProperty(requests, async (request) => {
          const kind = await classified(request);
          seen.add(kind);
          expect(['gateway', 'start', 'answer', 'problem']).toContain(kind);
        }),
        { numRuns: RUNS, seed: 1 },
      );
      for (const kind of expected) expect(seen).toContain(kind);
    },
    300_000,
  );
});
