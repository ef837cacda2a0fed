import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { snakeDocument } from '../../../functions/lib/casing.ts';
import { LIST_PARAMETERS } from '../../../functions/lib/openapi/parameters.ts';
import { listQuery, Query } from '../../../functions/lib/list/query.ts';
import { openApiDocument } from '../../../functions/lib/openapi/document.ts';
import { schemaName } from '../../../functions/lib/openapi/schemas.ts';
import { START_ROUTES } from '../../../functions/lib/schemas/routes.ts';
import { RunCommandRequest, RunCommandResult } from '../../../functions/lib/schemas/run-command.ts';
import { parseRequest } from '../../../functions/lib/start/request.ts';
import { flawsOfExamples, schemaValidators } from './openapi-support.ts';

const document = openApiDocument({ type: 'iam' });
const validators = schemaValidators(document);

const accepts = (name: string, value: unknown): boolean => validators[name]?.(value) === true;

describe('examples', () => {
  it.each(flawsOfExamples(document))('%s', (_, flaws) => expect(flaws).toBeUndefined());

  it('are there for every request, and work', () => {
    for (const route of START_ROUTES) expect(() => parseRequest(route, route.example)).not.toThrow();
  });
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('ls', '{{x}}', 'x'.repeat(101), '\u{1f600}'.repeat(60)),
);
/** Mostly right, so that many a request is right as a whole, and every bound is gone over. */
const mostly = (right: fc.Arbitrary<unknown>, wrong: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: wrong });
const anyRequest = fc
  .tuple(
    fc.oneof(
      fc.record({ commands: mostly(fc.array(text, { minLength: 1 }), fc.constantFrom('ls', [])) }),
      fc.constantFrom(
        {},
        { commandName: 'diagnostics' },
        { commandName: 'restart-service', parameters: { service: 'nginx', seconds: 30 } },
        { commandName: 'restart-service', parameters: {} },
        { commandName: 'restart-containers', parameters: { names: [] } },
        { commandName: 'rotate-logs' },
        { commandName: 'no-such-command' },
      ),
    ),
    fc.record(
      {
        instanceId: mostly(fc.constantFrom('i-0123456789abcdef0', 'i-01234567'), fc.constantFrom('i-0', 5)),
        ssmDocument: mostly(
          fc.constantFrom('AWS-RunShellScript', 'AWS-RunPowerShellScript'),
          fc.constant('AWS-RunRemoteScript'),
        ),
        timeoutSeconds: mostly(fc.integer({ min: 30, max: 172_800 }), fc.constantFrom(29, 172_801, 60.5, '60')),
        workingDirectory: mostly(text, fc.constant('')),
        comment: mostly(fc.string({ unit: 'binary', maxLength: 100 }), text),
      },
      { requiredKeys: ['instanceId'] },
    ),
    mostly(fc.constant({}), fc.constant({ surprise: 1 })),
  )
  .map(([what, how, more]) => ({ ...what, ...how, ...(more as object) }));

describe('the schema of the request', () => {
  it('lets in whatever the validation lets in', () => {
    let accepted = 0;
    fc.assert(
      fc.property(anyRequest, (request) => {
        if (!RunCommandRequest.safeParse(request).success) return;
        accepted += 1;
        expect(accepts('RunCommandRequest', snakeDocument(RunCommandRequest, request))).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it.each([
    ['an unknown key', { surprise: 1 }],
    ['a key in camelCase, which the description tells of', { timeoutSeconds: 60 }],
    ['a malformed instance id', { instance_id: 'i-0' }],
    ['no commands', { commands: [] }],
    ['too many commands', { commands: Array.from({ length: 1001 }, () => 'ls') }],
    ['a time-out that is too short', { timeout_seconds: 29 }],
    ['a time-out that is too long', { timeout_seconds: 172_801 }],
    ['a comment that is too long', { comment: 'x'.repeat(101) }],
    ['an unknown document', { ssm_document: 'AWS-RunRemoteScript' }],
  ])('keeps out %s', (_, change) => {
    const valid = { instance_id: 'i-0123456789abcdef0' };
    expect([accepts('RunCommandRequest', valid), accepts('RunCommandRequest', { ...valid, ...change })]).toEqual([
      true,
      false,
    ]);
  });
});

it('knows every result that the runbook may have', () => {
  const result = fc.record({
    status: fc.constantFrom('Success', 'Failed', 'Cancelled'),
    statusDetails: fc.string(),
    exitCode: fc.integer(),
    stdout: fc.string(),
    stderr: fc.string(),
    stdoutTruncated: fc.boolean(),
    commandId: fc.uuid(),
    instanceId: fc.constant('i-0123456789abcdef0'),
    warnings: fc.array(fc.string()),
  });
  fc.assert(
    fc.property(result, (output) => {
      expect(RunCommandResult.safeParse(output).success).toBe(true);
      expect(accepts('RunCommandResult', snakeDocument(RunCommandResult, output))).toBe(true);
      expect(accepts('RunCommandResult', output)).toBe(false);
    }),
  );
});

it('gives each runbook schemas of its own', () => {
  const names = START_ROUTES.flatMap((route) => [schemaName(route, 'Request'), schemaName(route, 'Result')]);
  expect(new Set(names).size).toBe(2 * START_ROUTES.length);
});

describe('parameters of the list', () => {
  const SAMPLES: Readonly<Record<string, { readonly good: readonly string[]; readonly bad: readonly string[] }>> = {
    runbook: { good: ['run-command'], bad: ['no-such-runbook'] },
    status: { good: ['RUNNING', 'ABORTED'], bad: ['PENDING', 'running'] },
    started_after: { good: ['2026-01-05T09:00:00Z'], bad: ['yesterday'] },
    started_before: { good: ['2026-01-05T09:00:00+01:00'], bad: ['2026-01-05'] },
    limit: { good: ['1', '100'], bad: ['0', '101', 'ten'] },
    next_token: { good: ['e30'], bad: ['%'] },
  };
  const asked = (name: string, value: string) => () => listQuery({ [name]: value }, ['run-command']);

  it.each(LIST_PARAMETERS)('$name is what the list takes', ({ name }) => {
    for (const value of SAMPLES[name]?.good ?? ['no sample']) expect(asked(name, value)).not.toThrow();
    for (const value of SAMPLES[name]?.bad ?? []) expect(asked(name, value)).toThrow();
  });

  it('are all that the list takes', () => {
    expect(LIST_PARAMETERS.map(({ name }) => name)).toEqual(Object.keys(Query.shape));
    expect(listQuery({}, []).limit).toBe(LIST_PARAMETERS.find(({ name }) => name === 'limit')?.schema.default);
    expect(asked('surprise', '1')).toThrow(/is not a known key/);
  });
});
