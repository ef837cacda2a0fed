import { describe, expect, it } from '@jest/globals';
import { bench } from '../../bench/lib/cli.ts';
import type { Suite } from '../../bench/lib/suite.ts';

const suite = (name: string): Suite => ({
  name,
  method: `how ${name} is measured`,
  run: async (assembly, tell) => {
    tell('one byte');
    return [{ thing: assembly, bytes: 1 }];
  },
  verdict: (rows) => `${rows.length} row of ${name}`,
});

async function run(...args: string[]) {
  let [stdout, stderr, assemblies] = ['', '', 0];
  const status = await bench(args, [suite('one'), suite('other')], {
    out: (text) => (stdout += `${text}\n`),
    err: (text) => (stderr += `${text}\n`),
    assembly: () => `cdk.out-${++assemblies}`,
  });
  return { status, stdout, stderr, assemblies };
}

describe('npm run bench', () => {
  it('prints a table per suite, how it was measured, and what to make of it', async () => {
    const { status, stdout, assemblies } = await run();
    expect({ status, assemblies }).toEqual({ status: 0, assemblies: 1 });
    expect(stdout).toContain(`Node ${process.versions.node}, `);
    for (const name of ['one', 'other'])
      expect(stdout).toContain(
        `${name}\n\nhow ${name} is measured\n\nthing      bytes\ncdk.out-1      1\n\n1 row of ${name}\n`,
      );
  });

  it('prints one JSON document and nothing else with --json', async () => {
    expect(JSON.parse((await run('--json')).stdout)).toEqual({
      one: [{ thing: 'cdk.out-1', bytes: 1 }],
      other: [{ thing: 'cdk.out-1', bytes: 1 }],
    });
  });

  it('says on stderr what it measures', async () => {
    expect((await run('other')).stderr).toBe('measuring other: one byte …\n');
  });

  it('measures only what it is told to', async () => {
    expect(Object.keys(JSON.parse((await run('other', '--json')).stdout) as object)).toEqual(['other']);
  });

  it.each([
    [['nonsense'], /nonsense.*one, other/],
    [['one', '--jsn'], /--jsn.*--json/s],
  ])('refuses %j, measures nothing and says what there is', async (args, message) => {
    const { status, stdout, stderr, assemblies } = await run(...args);
    expect({ status, stdout, assemblies }).toEqual({ status: 1, stdout: '', assemblies: 0 });
    expect(stderr).toMatch(message);
  });

  it('explains itself', async () => {
    const { status, stdout, assemblies } = await run('--help');
    expect({ status, assemblies }).toEqual({ status: 0, assemblies: 0 });
    expect(stdout).toMatch(/Usage: npm run bench -- .*choices: "one", "other"/s);
  });
});
