import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLab, type Lab } from '../support/lab.ts';
import { machines } from '../support/fleet.ts';

const HOSTILE = [
  `single ' double " back \` tick`,
  '$(touch /tmp/owned) `touch /tmp/owned` ; touch /tmp/owned & | touch /tmp/owned',
  '${HOME} $HOME $$ $? !! \\n \\\\ \\',
  '<EOF\nEOF\n',
  'tab\there, newline\nthere, carriage\rreturn, bell\u0007',
  'Ünïcödé 漢字 🚀 \u202e right-to-left \u0000'.replace('\u0000', ''),
  '%s %d %n {{ "quoted" : [1, 2] ',
  '{% $states.input %} $states.context.Execution.Id {{}',
  "'; DROP TABLE results; --",
  'x'.repeat(40 * 1024),
];

/** A single-quoted shell word: what it stands for is exactly the text. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

describe('hostile text', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await createLab();
  });
  afterAll(() => lab.sandbox.close());

  /** Prints the text on the instance and returns what the execution answers. */
  async function echoed(text: string): Promise<{ error: string | undefined; stdout: string | undefined }> {
    const commands = [`printf '%s' ${quoted(text)}`];
    const { error, output } = await lab.run('RunCommand', { instanceId: machines.web, commands });
    const stdout = output === undefined ? undefined : (JSON.parse(output) as { stdout: string }).stdout;
    return { error, stdout };
  }

  async function expectAsGiven(text: string): Promise<void> {
    const { error, stdout } = await echoed(text);
    if (text.length > 24_000) expect(stdout?.slice(0, 20_000)).toBe(text.slice(0, 20_000));
    else expect({ error, stdout }).toEqual({ error: undefined, stdout: text });
  }

  it.each(HOSTILE.map((text) => [JSON.stringify(text).slice(0, 60), text]))(
    'reaches the instance as given: %s',
    (_, text) => expectAsGiven(text),
  );

  it('runs nothing that stands in the text', async () => {
    const { output = '' } = await lab.run('RunCommand', { instanceId: machines.web, commands: ['ls /tmp/owned'] });
    expect(JSON.parse(output)).toMatchObject({ status: 'Failed' });
  });

  it('reaches the instance as given, or is refused, whatever it is', async () => {
    const shellish = fc.constantFrom(...Array.from('\'"`$\\(){};&|<>%\n\t !#*?~'));
    const unit = fc.oneof(shellish, fc.string({ unit: 'grapheme', maxLength: 1 }));
    const text = fc.array(unit, { maxLength: 60 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const { error, stdout } = await echoed(given);
        if (error === undefined) expect(stdout).toBe(given);
        else expect(error).toBe('InvalidRequest');
      }),
      { numRuns: 60, seed: 20_260_105 },
    );
  });

  it.each([
    ['an SSM parameter', 'echo {{ssm:/prod/password}}'],
    ['a document parameter', 'echo {{ workingDirectory }}'],
    ['a global parameter', 'echo {{global:DATE}}'],
    ['a NUL character', 'echo a\u0000b'],
    ['half a surrogate pair', 'echo \ud800'],
    ['100 KB', `echo ${'x'.repeat(100 * 1024)}`],
  ])('is refused when it holds %s', async (_, line) => {
    const { error } = await lab.run('RunCommand', { instanceId: machines.web, commands: [line] });
    expect(error).toBe('InvalidRequest');
  });
});
