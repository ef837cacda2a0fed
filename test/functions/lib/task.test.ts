import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as z from 'zod/mini';
import { CONTEXT, EXECUTION } from '../support.ts';

process.env['POWERTOOLS_LOG_LEVEL'] = 'INFO';
const { readEnv, optionalText } = await import('../../../functions/lib/env.ts');
const { task } = await import('../../../functions/lib/task.ts');

const Input = z.strictObject({ execution: z.unknown(), secret: z.string(), fail: z.boolean() });
const handler = task(
  { input: Input, output: z.strictObject({ status: z.literal('Done') }), target: () => 'i-1' },
  async ({ secret, fail }) => {
    if (fail) throw new Error(secret);
    return { status: 'Done' as const };
  },
);

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
});

describe('task', () => {
  const who = { execution: 'one', runbook: 'run-command', target: 'i-1', function_name: 'test' };

  it('logs how it ended, for which execution and on what', async () => {
    const lines = logged();
    await handler({ execution: EXECUTION, secret: 'hunter2', fail: false }, CONTEXT);
    expect(lines).toEqual([expect.objectContaining({ ...who, level: 'INFO', message: 'answered', status: 'Done' })]);
  });

  it('logs the name of an error and never the text, which may hold what was asked for', async () => {
    const lines = logged();
    await expect(handler({ execution: EXECUTION, secret: 'hunter2', fail: true }, CONTEXT)).rejects.toThrow('hunter2');
    expect(lines).toEqual([expect.objectContaining({ ...who, level: 'WARN', message: 'failed', error: 'Error' })]);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('refuses an invalid input by name, and forgets the target of the one before', async () => {
    const lines = logged();
    await expect(handler({ execution: EXECUTION }, CONTEXT)).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringMatching(/^secret: .*; fail: /),
    });
    expect(lines[0]).toMatchObject({ execution: 'one', error: 'InvalidRequest' });
    expect(lines[0]).not.toHaveProperty('target');
  });

  it.each([[null], ['text'], [undefined]])('refuses the event %p', async (event) => {
    logged();
    await expect(handler(event, CONTEXT)).rejects.toMatchObject({ name: 'InvalidRequest' });
  });
});

describe('readEnv', () => {
  it('names every variable that is missing', () =>
    expect(() => readEnv({ ONE_MISSING: z.string(), OTHER_MISSING: z.string() })).toThrow(
      /ONE_MISSING: .*; OTHER_MISSING: /,
    ));

  it('takes an empty optional setting for none', () => {
    process.env['EMPTY'] = '';
    expect(readEnv({ EMPTY: optionalText, ABSENT: optionalText })).toEqual({ EMPTY: undefined, ABSENT: undefined });
  });
});
