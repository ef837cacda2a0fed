import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { type Options, sandboxCommand } from '../../sandbox/options.ts';

/** The options that a command line gives; rejects what it is refused with, which ends no process here. */
function parsed(...args: string[]): Options {
  const command = sandboxCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parse(args, { from: 'user' }).opts<Options>();
}

it('goes in real time, on the usual ports, unless told', () =>
  expect(parsed()).toEqual({ port: 4600, apiPort: 4601, fleet: 'demo', assembly: 'cdk.out', speed: 1 }));

it.each(['1', '1.5', '60', '600'])('takes the speed %s', (given) =>
  expect(parsed('--speed', given).speed).toBe(Number(given)),
);

it.each(['0', '0.5', '601', '-2', 'fast', '', 'Infinity'])('refuses the speed "%s" and says what would do', (given) =>
  expect(() => parsed(`--speed=${given}`)).toThrow(/from 1 \(real time\) to 600/),
);

it.each(['-1', '65536', 'x'])('refuses the port %s', (given) =>
  expect(() => parsed(`--port=${given}`)).toThrow(/whole number from 0/),
);

it('is all in the table of the guide, with its defaults', () => {
  const page = readFileSync('docs/sandbox.md', 'utf8');
  const rows = [...page.matchAll(/^\| `(--[^`]+)` +\| (\S+) /gm)].map(([, flags, value]) => [flags, value]);
  const options = sandboxCommand().options.map(({ flags, defaultValue }) => [
    flags,
    typeof defaultValue === 'string' || typeof defaultValue === 'number' ? `\`${defaultValue}\`` : 'none',
  ]);
  expect(rows.filter(([flags]) => flags !== '--help')).toEqual(options);
});
