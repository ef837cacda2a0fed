import { afterAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conformance } from '../../../sandbox/states/conformance/cli.ts';
import { differences, type Recorded } from '../../../sandbox/states/conformance/recorded.ts';
import { replay } from '../../../sandbox/states/conformance/replay.ts';
import { end, machine } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const recorded = (expected: object, more: object = {}): Recorded =>
  ({
    id: 'case',
    definition: machine({ A: { Type: 'Pass', Output: '{% $states.input.a %}', ...end } }),
    input: { a: 1 },
    expect: { status: 'SUCCEEDED', output: 1, ...expected },
    eventTypes: ['ExecutionSucceeded', 'PassStateExited', 'PassStateEntered', 'ExecutionStarted'],
    ...more,
  }) as Recorded;

async function script(...args: string[]) {
  let [stdout, stderr] = ['', ''];
  const status = await conformance(args, { out: (text) => (stdout += `${text}\n`), err: (text) => (stderr += text) });
  return { status, stdout, stderr };
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a replay', () => {
  it('matches in status, output and events, in whatever order', async () => {
    expect(differences(recorded({}), await replay(recorded({})))).toEqual([]);
  });

  it('says what differs', async () => {
    const other = recorded(
      { status: 'FAILED', output: undefined, error: 'E', cause: 'c' },
      { eventTypes: ['ExecutionStarted', 'ExecutionFailed'] },
    );
    expect(differences(other, await replay(other))).toEqual([
      'status: expected FAILED, got SUCCEEDED',
      'output: expected none, got 1',
      'error: expected "E", got none',
      'cause: expected "c", got none',
      'event ExecutionFailed: expected 1, got 0',
      'event PassStateEntered: expected 0, got 1',
      'event PassStateExited: expected 0, got 1',
      'event ExecutionSucceeded: expected 0, got 1',
    ]);
  });

  it('holds no cause to a message of the JVM', async () => {
    const definition = machine({ F: { Type: 'Fail', Error: 'E', Cause: 'ours' } });
    const other = recorded(
      { status: 'FAILED', output: undefined, error: 'E', cause: 'java.lang.NullPointerException: null' },
      { definition, eventTypes: ['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed'] },
    );
    expect(differences(other, await replay(other))).toEqual([]);
  });

  it('takes a refusal for an outcome', async () => {
    const refused = await replay(
      recorded({}, { definition: { StartAt: 'A', States: { A: { Type: 'Pass', Result: 1, End: true } } } }),
    );
    expect(refused).toMatchObject({
      status: 'REFUSED',
      error: 'InvalidDefinition',
      cause: expect.stringContaining("'JSONPath' ('Result')"),
    });
  });
});

describe('npm run conformance', () => {
  const path = file('two.json', JSON.stringify([recorded({}), recorded({ output: 2 }, { id: 'other' })]));

  it('prints the differences and how many match', async () => {
    expect(await script(path)).toEqual({
      status: 1,
      stdout: '#2 other\n    output: expected 2, got 1\n1 of 2 match\n',
      stderr: '',
    });
  });

  it('prints one JSON document', async () => {
    const { status, stdout } = await script('--json', path);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      total: 2,
      matching: 1,
      results: [
        { id: 'case', differences: [] },
        { id: 'other', differences: ['output: expected 2, got 1'] },
      ],
    });
  });

  it('exits with 0 when all match', async () => {
    expect(await script(file('one.json', JSON.stringify([recorded({})])))).toEqual({
      status: 0,
      stdout: '1 of 1 match\n',
      stderr: '',
    });
  });

  it('explains itself', async () => {
    expect(await script('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Usage: npm run conformance'),
    });
    for (const args of [
      [],
      [path, path],
      ['--unknown'],
      [join(folder, 'none.json')],
      [file('bad.json', '{')],
      [file('shape.json', '[{"id": 1}]')],
      [file('empty.json', '[]')],
    ]) {
      expect(await script(...args)).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining('Usage: npm run conformance'),
      });
    }
  });

  it('runs on Node alone', () => {
    const { status, stdout } = spawnSync(process.execPath, ['sandbox/conformance.ts', path], { encoding: 'utf8' });
    expect([status, stdout.split('\n').at(-2)]).toEqual([1, '1 of 2 match']);
  });
});
