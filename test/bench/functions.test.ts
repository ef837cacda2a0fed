import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functionEnvironments } from '../../bench/lib/assembly.ts';
import { bareHandler, sdkUseOf } from '../../bench/lib/bare-handler.ts';
import { alternatingInit } from '../../bench/lib/init-time.ts';
import { bundleFunctions } from '../../infra/constructs/bundle.ts';
import { functionNames } from '../../infra/constructs/function-names.ts';
import { testAssembly } from '../support/assembly.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a bare handler', () => {
  it('has the clients and commands of the function, those of what it imports included, and no other', () => {
    expect(sdkUseOf('functions/send-command.ts')).toEqual([
      { packageName: '@aws-sdk/client-ssm', client: 'SSMClient', commands: expect.any(Array) },
    ]);
    const commands = (name: string) => sdkUseOf(`functions/${name}.ts`).flatMap((use) => use.commands);
    expect(commands('send-command').sort()).toEqual(['ListCommandsCommand', 'SendCommandCommand']);
    expect(commands('validate-target').sort()).toEqual([
      'DescribeInstanceInformationCommand',
      'DescribeInstancesCommand',
      'GetParameterCommand',
    ]);
  });

  it('sends the command that it is told to', async () => {
    const sdk = file(
      'sdk.mjs',
      `export class Client { send(command) { return command; } }
       export class ListCommand { constructor(input) { this.input = input; } }`,
    );
    const bare = bareHandler([{ packageName: sdk, client: 'Client', commands: ['ListCommand'] }]);
    const { handler } = (await import(file('bare.mjs', bare))) as { handler: (event: object) => unknown };
    expect(handler({ command: 'ListCommand', input: { a: 1 } })).toEqual({ input: { a: 1 } });
  });
});

describe('the environments', () => {
  it('are those of the templates, for every function there is', () => {
    const environments = functionEnvironments(testAssembly(), bundleFunctions());
    expect([...environments.keys()].sort()).toEqual(functionNames());
    expect(environments.get('validate-target')).toMatchObject({ TAG_KEY: 'SSMRunAllowed', TAG_VALUE: 'true' });
    expect(environments.get('start-runbook')).toMatchObject({ RUNBOOK: 'run-command' });
    expect(environments.get('send-command')).toMatchObject({ OUTPUT_BUCKET: 'placeholder' });
  });
});

describe('initialisation', () => {
  const slow = `const until = performance.now() + 60; while (performance.now() < until);`;

  it('is the time that a fresh process takes to import the module, with the environment given and no other', () => {
    const ours = file(
      'slow.mjs',
      `if (process.env.A !== '1' || process.env.PATH) throw new Error('environment'); ${slow}`,
    );
    const [initMs, bareInitMs] = alternatingInit([ours, file('fast.mjs', '')], { A: '1' }, 2);
    expect(initMs).toBeGreaterThanOrEqual(60);
    expect(bareInitMs).toBeLessThan(initMs);
  });

  it('fails with what the module says when it cannot be imported', () => {
    const broken = file('broken.mjs', `throw new Error('TAG_KEY is missing');`);
    expect(() => alternatingInit([broken, broken], {}, 1)).toThrow(/broken\.mjs.*TAG_KEY is missing/s);
  });
});
