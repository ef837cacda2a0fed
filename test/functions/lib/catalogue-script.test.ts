import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Bash } from 'just-bash';
import { ps, sh, type Value } from '../../../functions/lib/catalogue/script.ts';
import { words } from './powershell-words.ts';

const HOSTILE = [
  "'",
  "''",
  '"',
  '`reboot`',
  '$(reboot)',
  '${HOME}',
  '$env:PATH',
  '; reboot',
  '| reboot',
  '&& reboot &',
  '\n',
  'a\nb\r\nc',
  '\\',
  "\\'",
  '-rf',
  '--',
  '',
  ' ',
  '*',
  '~',
  '!!',
  '#',
  '{{ssm:x}}',
  '@(1)',
  '%PATH%',
  '\u2018',
  '\u2019; reboot',
  '\u201a\u201b',
  "'\u2019'",
  '\u201creboot\u201d',
  '$(‘',
  'ё ґ 漢字 🚀 \u202e',
  '<#',
  "@'",
  '\t',
  '\u0007',
];

/** Text made of what means something to a shell, and of anything else. */
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 8 })
  .map((parts) => parts.join('').replaceAll('\0', '').toWellFormed());

/** What a program gets as its arguments from a script. */
async function argumentsOf(script: readonly string[]): Promise<string[]> {
  const bash = new Bash({ defenseInDepth: false });
  const { stdout, stderr, exitCode } = await bash.exec(script.join('\n'), { rawScript: true });
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return stdout.split('\0').slice(0, -1);
}

describe('sh', () => {
  const printed = (value: Value) => argumentsOf(sh`printf '%s\\0' ${value}`);

  it.each(HOSTILE)('hands on %j as it is', async (text) => expect(await printed(text)).toEqual([text]));

  it('hands on any text, alone, in a variable, and in a list', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, fc.array(hostile, { minLength: 1, maxLength: 4 }), async (text, list) => {
        expect(await printed(text)).toEqual([text]);
        const script = sh`
          text=${text}
          set -- ${list}
          printf '%s\\0' "$text" "$@"
        `;
        expect(script).toHaveLength(3);
        expect(await argumentsOf(script)).toEqual([text, ...list]);
      }),
      { numRuns: 150 },
    );
  });

  it('writes numbers, flags and empty lists', () =>
    expect(sh`
      a=${-5}
      b=${true}
      set -- ${[]}

        c
    `).toEqual(['a=-5', 'b=true', 'set -- ', '', '  c']));

  it.each([Number.NaN, 1.5, Number.POSITIVE_INFINITY, 2 ** 60])('refuses the number %p', (value) =>
    expect(() => sh`a=${value}`).toThrow('is not a whole number'),
  );
});

describe('ps', () => {
  it.each(HOSTILE)('keeps %j in its quotes', (text) =>
    expect(words(ps`$a = ${text}`[0] ?? '')).toEqual(['$a', '=', { text }]),
  );

  it('keeps any text, alone and in a list', () =>
    fc.assert(
      fc.property(hostile, fc.array(hostile, { maxLength: 4 }), (text, list) => {
        expect(words(ps`Write-Output ${text} -Last`[0] ?? '')).toEqual(['Write-Output', { text }, '-Last']);
        const inside = list.flatMap((each, index) => (index === 0 ? [{ text: each }] : [',', { text: each }]));
        expect(words(ps`$a = ${list}`[0] ?? '')).toEqual(['$a', '=', '@(', ...inside, ')']);
      }),
    ));

  it('writes numbers and flags', () => expect(ps`$a = ${7} ${true} ${false}`).toEqual(['$a = 7 $true $false']));
});

it('lets no value stand where it could be read otherwise', () => {
  const value = 'x';
  const refused: (() => readonly string[])[] = [
    () => sh`echo "${value}"`,
    () => sh`echo '${value}'`,
    () => sh`echo a${value}`,
    () => sh`echo ${value}b`,
    () => sh`# ${value}`,
    () => sh`echo \\ ${value}`,
    () => sh`echo $( ${value}`,
    () => sh`echo \` ${value}`,
    () => sh`
      cat <<E
      ${value}
    `,
    () => sh`
      echo '
      ${value}
      '
    `,
    () => sh`f() { echo ${value}; }`,
    () => ps`"$( ${value} )"`,
    () => ps`@( ${value}`,
    () => ps`# ${value}`,
    () => ps`Write-Output \u2018 ${value} `,
  ];
  for (const script of refused) expect(script).toThrow('a value has to be a word of its own');
});

it('takes no text for a script', () => {
  const accept = (script: ReturnType<typeof sh>) => script;
  // @ts-expect-error: text is not a script
  accept(['rm -rf /']);
  // @ts-expect-error: nor is a script for PowerShell one for sh
  accept(ps`Write-Output 1`);
  expect(accept(sh`echo 1`)).toEqual(['echo 1']);
});
