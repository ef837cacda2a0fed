import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunCommandResult } from '../../functions/lib/schemas/run-command.ts';
import { ask } from '../support/api.ts';
import { machines } from '../support/fleet.ts';
import { createLab, type Lab } from '../support/lab.ts';

const SOURCES = ['functions', 'infra', 'statemachines', 'scripts', 'cdk.json', 'package.json', 'package-lock.json'];
const CATALOGUE = 'functions/lib/catalogue/commands.ts';

/** The entry that docs/catalogue.md gives as an example of how a command is added. */
function entryOfTheDocs(): string {
  const [, after = ''] = readFileSync('docs/catalogue.md', 'utf8').split('## Add one');
  const [, entry] = /```ts\n([^]*?)```/.exec(after) ?? [];
  if (entry === undefined) throw new Error('docs/catalogue.md has no entry to add');
  return entry;
}

describe('a named command that is added to one file', () => {
  const copy = mkdtempSync(join(tmpdir(), 'fleetwright-added-'));
  let lab: Lab;
  beforeAll(async () => {
    for (const source of SOURCES) cpSync(source, join(copy, source), { recursive: true });
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
    const file = join(copy, CATALOGUE);
    const start = 'export const CATALOGUE = {\n';
    writeFileSync(file, readFileSync(file, 'utf8').replace(start, `${start}${entryOfTheDocs()}`));
    const assembly = join(copy, 'cdk.out');
    const args = ['--no-warnings', 'scripts/synthesize.ts', assembly];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    lab = await createLab({ assembly });
  }, 120_000);
  afterAll(async () => {
    rmSync(copy, { recursive: true });
    await lab.sandbox.close();
  });

  it('runs from the console', async () => {
    const { output = '' } = await lab.run('RunCommand', {
      instanceId: machines.web,
      commandName: 'purge-queue',
      parameters: { queue: 'held' },
    });
    // The machine has no mail server.
    expect(RunCommandResult.parse(JSON.parse(output))).toMatchObject({
      status: 'Failed',
      exitCode: 127,
      stderr: expect.stringContaining('postsuper: command not found'),
    });
    const [command] = await lab.commands();
    expect(command?.Parameters?.['commands']?.join('\n')).toContain("queue='held'");
  });

  it('runs by the API, which checks what it takes', async () => {
    const purge = (parameters: object) =>
      ask(lab, {
        method: 'POST',
        path: '/run-commands',
        headers: { prefer: 'wait=25' },
        body: { instance_id: machines.web, command_name: 'purge-queue', parameters },
      });
    const done = await purge({});
    expect([done.status, done.json()]).toMatchObject([200, { status: 'Failed', exit_code: 127 }]);
    const refused = await purge({ queue: 'A B' });
    expect([refused.status, refused.json()]).toMatchObject([
      400,
      { errors: [{ path: 'parameters.queue', reason: expect.stringContaining('such as deferred') }] },
    ]);
  });

  it('is in the OpenAPI document, with its parameters', async () => {
    const document = await ask(lab, { method: 'GET', path: '/openapi.json' });
    expect(document.status).toBe(200);
    expect(document.text).toContain('Empties a queue of the mail server.');
    expect(document.text).toContain('"title":"purge-queue"');
    expect(document.text).toContain('"pattern":"^[a-z]+$"');
    expect(document.json()).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) });
  });
});
