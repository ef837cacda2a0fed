import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CATALOGUE } from '../../../functions/lib/catalogue/commands.ts';
import { assertAllowed, linesOf } from '../../../functions/lib/catalogue/chosen.ts';
import { type Catalogue, command, type NamedCommand } from '../../../functions/lib/catalogue/named-command.ts';
import {
  choice,
  flag,
  integer,
  path,
  paths,
  s3Uri,
  sha256,
  text,
  texts,
} from '../../../functions/lib/catalogue/parameter.ts';
import { asRequested, catalogueFields } from '../../../functions/lib/catalogue/requested.ts';
import { ps, sh } from '../../../functions/lib/catalogue/script.ts';
import { problemsOf } from '../../../functions/lib/problems.ts';
import { flawOf } from '../../../functions/lib/schemas/verbatim.ts';
import * as z from '../../../functions/lib/zod.ts';

/** Parameters that each command of the catalogue accepts. */
const ACCEPTED: Readonly<Record<keyof typeof CATALOGUE, object>> = {
  diagnostics: {},
  'restart-service': { service: 'nginx' },
  'restart-containers': {},
  'container-logs': { container: 'shop' },
  'clear-directory': { path: '/var/log/app' },
  'rotate-logs': {},
  'collect-logs': { destination: 's3://a-bucket/logs' },
  'run-script': { source: 's3://a-bucket/fix.sh', sha256: 'a'.repeat(64) },
  'rerun-user-data': {},
  'restart-ssm-agent': {},
};
const all: Catalogue = CATALOGUE;

const greet = command({
  description: 'Greets.',
  parameters: {
    name: text({ description: 'Whom.', pattern: /^\w.*$/s, rule: 'a name' }),
    times: integer({ description: 'How often.', unit: 'times', minimum: 1, maximum: 9, default: 1 }),
    loudly: flag({ description: 'In capitals.' }),
    of: choice({ description: 'Kind.', of: ['hello', 'goodbye'], default: 'hello' }),
    more: texts({ description: 'Others.', rule: 'text', maxItems: 2, default: [] }),
  },
  linux: ({ name, times, loudly, of, more }) => sh`
    set -- ${name} ${times} ${loudly} ${of} ${more}
  `,
});
const windowsOnly = command({ description: 'd', parameters: {}, windows: () => ps`hostname` });
const fake = { greet, 'windows-only': windowsOnly };

const request = z
  .strictObject({ commands: z.optional(z.array(z.string())), ...catalogueFields(fake) })
  .check(asRequested(fake));
const problems = (given: unknown): string => {
  const { error } = request.safeParse(given);
  return error === undefined ? '' : problemsOf(error);
};

describe('a request', () => {
  it('knows a command as soon as the catalogue has it', () => {
    expect(problems({ commandName: 'greet', parameters: { name: 'Ada' } })).toBe('');
    const { properties } = z.toJSONSchema(request, { io: 'input' });
    expect(properties).toMatchObject({
      commandName: { enum: ['greet', 'windows-only'] },
      parameters: {
        anyOf: [
          {
            title: 'greet',
            required: ['name'],
            additionalProperties: false,
            properties: {
              name: { type: 'string', description: 'Whom.' },
              times: { type: 'integer', minimum: 1, maximum: 9, default: 1 },
              loudly: { type: 'boolean', default: false },
              of: { enum: ['hello', 'goodbye'], default: 'hello' },
              more: { type: 'array', maxItems: 2, default: [] },
            },
          },
          { title: 'windows-only' },
        ],
      },
    });
  });

  it.each<[string, object, string]>([
    [
      'an unknown command',
      { commandName: 'dance' },
      'commandName: must be a command of the catalogue: greet, windows-only',
    ],
    [
      'the name of what every object has',
      { commandName: 'toString' },
      'commandName: must be a command of the catalogue: greet, windows-only',
    ],
    [
      'commands beside it',
      { commandName: 'windows-only', commands: ['ls'] },
      'commandName: cannot be given beside commands: leave one of them out',
    ],
    [
      'parameters alone',
      { parameters: {} },
      'parameters: are those of a command of the catalogue: give its commandName, too',
    ],
    ['no parameters', { commandName: 'greet' }, 'parameters.name: is missing: give a name'],
    [
      'parameters that are none',
      { commandName: 'greet', parameters: [] },
      'parameters: Invalid input: expected object, received array',
    ],
    [
      'unknown parameters',
      { commandName: 'greet', parameters: { name: 'Ada', nam: 1 } },
      'parameters.nam: is no parameter of greet, which takes name, times, loudly, of, more',
    ],
    [
      'any for one without',
      { commandName: 'windows-only', parameters: { a: 1 } },
      'parameters.a: is no parameter of windows-only, which takes none',
    ],
    [
      'several wrong values',
      { commandName: 'greet', parameters: { name: '-x', times: '2', loudly: 1, of: 'yo', more: ['a', 'b', 'c'] } },
      'parameters.name: must be a name; parameters.times: must be a whole number of times from 1 to 9; parameters.loudly: must be true or false; parameters.of: must be one of hello, goodbye; parameters.more: must be a list of at most 2, each text',
    ],
    [
      'what SSM would substitute',
      { commandName: 'greet', parameters: { name: 'a{{ssm:x}}' } },
      "parameters.name: must not hold {{…}}, which SSM would substitute (to a shell, '{''{…}''}' is the same)",
    ],
    [
      'what two values make of each other',
      { commandName: 'greet', parameters: { name: 'a{{ssm', more: [':x}}'] } },
      "parameters: together with their script must not hold {{…}}, which SSM would substitute (to a shell, '{''{…}''}' is the same)",
    ],
    ['a NUL', { commandName: 'greet', parameters: { name: 'a\0' } }, 'parameters.name: must not hold a NUL character'],
  ])('refuses %s', (_, given, reason) => expect(problems(given)).toBe(reason));

  it('lists problems of everything at once', () =>
    expect(problems({ commandName: 'greet', parameters: { name: 5 }, extra: 1 })).toBe(
      'extra: is not a known key; parameters.name: must be a name',
    ));

  it('refuses more than SSM takes', () => {
    const quotes = "'".repeat(1024);
    const many = command({
      description: 'd',
      parameters: { words: texts({ description: 'd', rule: 'text' }) },
      linux: ({ words }) => sh`echo ${words}`,
    });
    const { error } = z
      .strictObject(catalogueFields({ many }))
      .check(asRequested({ many }))
      .safeParse({ commandName: 'many', parameters: { words: Array.from({ length: 50 }, () => quotes) } });
    expect(error?.issues[0]?.message).toContain('must stay within 61440 bytes');
  });
});

describe('what a request comes to', () => {
  const everything = { arbitraryCommands: true, disabledCommands: [] };

  it('is the script with its parameters and their defaults', () =>
    expect(
      linesOf(fake, { commandName: 'greet', parameters: { name: "O'Neil", more: ['x y'] } }, 'AWS-RunShellScript'),
    ).toEqual(["set -- 'O'\\''Neil' 1 false 'hello' 'x y'"]));

  it('is refused for a platform that the command does not know', () =>
    expect(() => linesOf(fake, { commandName: 'windows-only' }, 'AWS-RunShellScript')).toThrow(
      'commandName: windows-only has no version for Linux, only for Windows',
    ));

  it.each<[string, Parameters<typeof assertAllowed>[1], object, string | undefined]>([
    ['anything', everything, { commands: ['ls'] }, undefined],
    ['the diagnostics', { arbitraryCommands: false, disabledCommands: [] }, {}, undefined],
    ['a named command', { arbitraryCommands: false, disabledCommands: [] }, { commandName: 'run-script' }, undefined],
    [
      'no commands',
      { arbitraryCommands: false, disabledCommands: ['run-script'] },
      { commands: ['ls'] },
      'commands are not allowed here',
    ],
    [
      'no disabled command',
      { ...everything, disabledCommands: ['run-script'] },
      { commandName: 'run-script' },
      'run-script is not allowed here',
    ],
    [
      'no disabled diagnostics',
      { ...everything, disabledCommands: ['diagnostics'] },
      {},
      'diagnostics is not allowed here',
    ],
  ])('may be %s', (_, allowed, given, reason) => {
    const ask = () => assertAllowed(CATALOGUE, allowed, given);
    if (reason === undefined) expect(ask).not.toThrow();
    else
      expect(ask).toThrow(
        expect.objectContaining({ name: 'CommandNotAllowed', message: expect.stringContaining(reason) as unknown }),
      );
  });

  it('names what is allowed instead', () =>
    expect(() =>
      assertAllowed(fake, { arbitraryCommands: false, disabledCommands: ['greet'] }, { commands: [] }),
    ).toThrow(/Allowed are commandName windows-only\.$/));
});

describe('parameters', () => {
  const accepts = (parameter: { readonly schema: z.ZodMiniType }, value: unknown) =>
    parameter.schema.safeParse(value).success;
  const directory = path({ description: 'd', under: ['/tmp', '/var/log', 'C:\\Temp'] });

  it.each(['/tmp', '/tmp/a b', '/var/log/x/y', "/tmp/it's", '/tmp/..a', 'C:\\Temp', 'c:\\temp\\a'])(
    'path: takes %j',
    (value) => expect(accepts(directory, value)).toBe(true),
  );
  it.each([
    '/',
    '',
    'tmp',
    '/tmp/',
    '/tmp//a',
    '/tmp/..',
    '/tmp/../etc',
    '/tmp/./a',
    '/tmpfoo',
    '/var',
    '/TMP',
    '/tmp/a\nb',
    'C:\\',
    'C:\\Temp\\..\\Windows',
    'C:/Temp',
    '/tmp\\..',
    5,
  ])('path: refuses %j', (value) => expect(accepts(directory, value)).toBe(false));

  it('path: takes nothing that leads out of its roots', () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom('/', '.', '..', 'tmp', 'var', 'log', 'a', '\\', ' ')), (parts) => {
        const value = parts.join('');
        if (!accepts(directory, value)) return;
        expect(value.split('/')).not.toContain('..');
        expect(`${value}/`).toMatch(/^\/(tmp|var\/log)\//);
      }),
    ));

  it('paths: takes a list that is not empty', () => {
    const list = paths({ description: 'd', under: ['/tmp'] });
    expect([accepts(list, ['/tmp/a']), accepts(list, []), accepts(list, ['/etc'])]).toEqual([true, false, false]);
  });

  it.each([
    ['s3://a-bucket/k', true, true],
    ["s3://a-bucket/a b/c(1)'!.sh", true, true],
    ['s3://a-bucket', false, true],
    ['s3://a-bucket/', false, false],
    ['s3://a-bucket/k/', false, false],
    ['s3://a-bucket//k', false, false],
    ['s3://A/k', false, false],
    ['https://a-bucket/k', false, false],
    ['s3://a-bucket/k\n', false, false],
    ['s3://a-bucket/$(reboot)', false, false],
  ])('S3 URI: %j is an object (%p) or a prefix (%p)', (uri, isObject, isPrefix) => {
    expect(accepts(s3Uri({ description: 'd', of: 'object' }), uri)).toBe(isObject);
    expect(accepts(s3Uri({ description: 'd', of: 'prefix' }), uri)).toBe(isPrefix);
  });

  it('SHA-256: takes what sha256sum prints', () => {
    const parameter = sha256({ description: 'd' });
    expect(accepts(parameter, 'a1'.repeat(32))).toBe(true);
    for (const wrong of ['A1'.repeat(32), 'a1'.repeat(31), 'g1'.repeat(32)])
      expect(accepts(parameter, wrong)).toBe(false);
  });
});

describe.each(Object.entries(all))('%s', (name, named: NamedCommand) => {
  it('is written for sh or PowerShell, with nothing for SSM to substitute', () => {
    expect(named.platforms.length).toBeGreaterThan(0);
    for (const platform of named.platforms) {
      const lines = named.script(platform, ACCEPTED[name as keyof typeof CATALOGUE]);
      expect(flawOf(lines)).toBeUndefined();
      expect(lines.join('\n')).not.toMatch(/\{\{|\bundefined\b/);
    }
  });

  it('ends at the first failure, on Linux, unless each step stands alone', () => {
    if (name === 'diagnostics') return;
    expect(named.script('Linux', ACCEPTED[name as keyof typeof CATALOGUE])[0]).toBe('set -eu');
  });

  it('has balanced brackets and quotes, on Windows', () => {
    if (!named.platforms.includes('Windows')) return;
    const script = named.script('Windows', ACCEPTED[name as keyof typeof CATALOGUE]).join('\n');
    expect(unclosed(script)).toEqual([]);
  });

  it('spells its parameters in one lower-case word, which is the same in every case', () => {
    for (const parameter of Object.keys(named.parameters)) expect(parameter).toMatch(/^[a-z][a-z0-9]*$/);
  });
});

/** What a PowerShell script opens and does not close. */
function unclosed(script: string): string[] {
  const open: string[] = [];
  const closes: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
  for (let index = 0; index < script.length; index++) {
    const char = script[index] ?? '';
    const inText = open.at(-1) === '"' || open.at(-1) === "'";
    if (inText) {
      if (char === '`' && open.at(-1) === '"') index++;
      else if (char === open.at(-1)) open.pop();
      else if (char === '$' && script[index + 1] === '(' && open.at(-1) === '"') open.push(script[++index] ?? '');
    } else if (`"'([{`.includes(char)) open.push(char);
    else if (char in closes && open.pop() !== closes[char]) return [`${char} at ${index}`];
  }
  return open;
}

it('has every command and parameter in docs/catalogue.md, as the code has it', () => {
  const page = readFileSync('docs/catalogue.md', 'utf8').replaceAll(/ +\|/g, ' |').replaceAll(/\| +/g, '| ');
  const rows = (heading: string): string[] => {
    const section = page.split(`\n### ${heading}\n`)[1]?.split(/\n#/)[0] ?? '';
    return section.split('\n').filter((line) => line.startsWith('| `'));
  };
  const summary = Object.entries(all).map(
    ([name, { description, platforms }]) => `| [\`${name}\`](#${name}) | ${platforms.join(', ')} | ${description} |`,
  );
  expect(page.split('\n').filter((line) => line.startsWith('| [`'))).toEqual(summary);
  for (const [name, { parameters }] of Object.entries(all))
    expect(rows(name)).toEqual(
      Object.entries(parameters).map(([key, { kind, rule, default: otherwise, description }]) => {
        const value = otherwise === undefined ? 'required' : `\`${JSON.stringify(otherwise)}\``;
        return `| \`${key}\` | ${kind} | ${value} | ${description} ${rule.replace(/^./, (letter) => letter.toUpperCase())}. |`;
      }),
    );
});
