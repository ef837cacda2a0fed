import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunCommandResult } from '../../functions/lib/schemas/run-command.ts';
import type { Fleet } from '../../sandbox/fleets/index.ts';
import { machines, testFleet } from '../support/fleet.ts';
import { createLab, type Lab } from '../support/lab.ts';

const FILES = {
  '/var/log/app/old.log': 'old\n',
  '/var/log/app/deep/older.log': 'older\n',
  '/var/log/app/out': { link: '/etc' },
  '/var/log/escape': { link: '/etc' },
  '/var/log/journal/x': '',
  '/srv/keep': 'kept\n',
  '/var/lib/cloud/instance/user-data.txt': '#!/bin/bash\necho booted >> /tmp/boots; echo from user data\n',
};
const SCRIPT = '#!/bin/bash\nprintf "<%s>" "$0" "$@" | sed "s#run-script[^/]*#PRIVATE#"; touch /tmp/ran; exit 7\n';
const BUCKET = 'scripts-of-ours';

/** The demo's web server, with old logs, links that lead out, user data, and a disk mounted below /var/log. */
const fleet: Fleet = {
  ...testFleet,
  instances: testFleet.instances.map((instance) =>
    instance.id === machines.web
      ? {
          ...instance,
          files: { ...instance.files, ...FILES, '/var/log/other/': '' },
          volumes: [
            {
              device: '/dev/sdf',
              sizeGiB: 10,
              label: 'other',
              mountPoint: '/var/log/other',
              files: { '/far.log': 'far\n' },
              tags: {},
            },
          ],
        }
      : instance,
  ),
};

let lab: Lab;
beforeAll(async () => {
  lab = await createLab({ fleet });
  await lab.call('s3', 'CreateBucket', {
    Bucket: BUCKET,
    CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
  });
  await lab.call('s3', 'PutBucketPolicy', {
    Bucket: BUCKET,
    Policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['s3:GetObject', 's3:PutObject'],
        Resource: `arn:aws:s3:::${BUCKET}/*`,
      },
    }),
  });
  await lab.call('s3', 'PutObject', { Bucket: BUCKET, Key: 'a b/fix.sh', Body: new TextEncoder().encode(SCRIPT) });
});
afterAll(() => lab.sandbox.close());

type Result = ReturnType<typeof RunCommandResult.parse>;

/** Runs a named command; what it came to, or the error that ended the run. */
async function run(commandName: string, parameters: object, instanceId: string = machines.web) {
  const { output, error } = await lab.run('RunCommand', { instanceId, commandName, parameters });
  return { error, result: output === undefined ? undefined : RunCommandResult.parse(JSON.parse(output)) };
}

async function ended(commandName: string, parameters: object, instanceId?: string): Promise<Result> {
  const { error, result } = await run(commandName, parameters, instanceId);
  if (result === undefined) throw new Error(`${commandName} ended with ${String(error)}`);
  return result;
}

/** What a script of the test's own prints on the machine. */
async function on(text: string, instanceId: string = machines.web): Promise<string> {
  const { output = '{}' } = await lab.run('RunCommand', { instanceId, commands: [text] });
  return (JSON.parse(output) as { stdout?: string }).stdout ?? '';
}

describe('the catalogue on Linux', () => {
  it('diagnostics: shows the machine', async () =>
    expect(await ended('diagnostics', {})).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('== Disk ==') as unknown,
    }));

  it('restart-service: restarts, and waits to see it stay up', async () => {
    expect(await ended('restart-service', { service: 'nginx', seconds: 30 })).toMatchObject({
      exitCode: 0,
      stdout: 'nginx was restarted and is up after 30 s\n',
    });
    expect(await ended('restart-service', { service: 'none' })).toMatchObject({ exitCode: 5, status: 'Failed' });
    const broken = await ended('restart-service', { service: 'queue-worker' }, 'i-0aa11bb22cc33dd04');
    expect(broken).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Job for queue-worker.service failed') as unknown,
    });
  });

  it('restart-containers: restarts all that run, or those that are named', async () => {
    expect((await ended('restart-containers', {})).stdout).toMatch(/^\w{12}\n\w{12}\nCONTAINER ID/);
    const stopped = 'i-0aa11bb22cc33dd02';
    expect(await ended('restart-containers', {}, stopped)).toMatchObject({
      exitCode: 4,
      stderr: expect.stringMatching(/^no container is running/) as unknown,
    });
    expect((await ended('restart-containers', { names: ['shop'] }, stopped)).stdout).toContain('Up 3 seconds');
    expect(await ended('restart-containers', { names: ['none'] })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('No such container: none') as unknown,
    });
  });

  it('container-logs: shows the last lines', async () => {
    expect(await ended('container-logs', { container: 'shop', lines: 2 })).toMatchObject({
      exitCode: 0,
      stdout: 'GET / 200 12ms\nGET /cart 200 31ms\n',
    });
    expect((await ended('container-logs', { container: 'cache', since: '1s' })).stdout).toBe('');
    expect((await ended('container-logs', { container: 'none' })).exitCode).toBe(1);
  });

  it('clear-directory: deletes old files below it, and nothing else', async () => {
    const parameters = { path: '/var/log', days: 0 };
    const preview = await ended('clear-directory', { ...parameters, preview: true });
    expect(preview.stdout).toMatch(/\.\/app\/old\.log[^]*files, \d+ bytes, would be deleted under \/var\/log\n/);
    expect(preview.stdout).not.toContain('far.log');
    expect(await on('cat /var/log/app/old.log')).toBe('old\n');
    expect((await ended('clear-directory', { path: '/var/log/app', days: 3650 })).stdout).toContain(
      '0 files, 0 bytes, were deleted under /var/log/app',
    );
    expect((await ended('clear-directory', { path: '/var/log/app', days: 1 })).stdout).toContain(
      '2 files, 10 bytes, were deleted under /var/log/app',
    );
    await ended('clear-directory', parameters);
    expect(
      await on('find /var/log -type f; readlink /var/log/app/out; cat /srv/keep; test -s /etc/passwd && echo whole'),
    ).toMatch(/^\/var\/log\/other\/far\.log\n\/etc\nkept\nwhole\n$/);
  });

  it('clear-directory: goes nowhere else, whatever leads there', async () => {
    for (const path of ['/var/log/escape', '/var/log/app/out'])
      expect(await ended('clear-directory', { path, days: 0 })).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('leads to /etc, which is not to be cleared') as unknown,
      });
    expect((await ended('clear-directory', { path: '/var/log/none' })).exitCode).toBe(2);
    for (const path of ['/', '/var', '/etc', '/tmp/../etc', '/tmpx'])
      expect(await run('clear-directory', { path })).toMatchObject({ error: 'InvalidRequest' });
    expect(await on('test -s /etc/passwd && echo whole')).toBe('whole\n');
  });

  it('rotate-logs: rotates by a configuration', async () => {
    await on('echo full > /var/log/messages');
    expect(await ended('rotate-logs', {})).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('rotated by /etc/logrotate.conf\nVacuuming done') as unknown,
    });
    expect(await on('cat /var/log/messages /var/log/messages.1')).toBe('full\n');
    expect((await ended('rotate-logs', { configuration: '/etc/none' })).exitCode).toBe(2);
    await on('echo unknown-directive > /etc/bad');
    expect((await ended('rotate-logs', { configuration: '/etc/bad' })).exitCode).toBe(1);
  });

  it('collect-logs: writes an archive to S3 and says where', async () => {
    await on('mkdir -p /var/log/web; echo hello > /var/log/web/access.log');
    const result = await ended('collect-logs', { destination: `s3://${BUCKET}/incident 42`, paths: ['/var/log/web'] });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const [, key = ''] = /^s3:\/\/[^/]+\/(incident 42\/logs-i-\w+-\d{8}T\d{6}Z\.tar\.gz)\n$/.exec(result.stdout) ?? [];
    const { Body } = await lab.call<{ Body: Uint8Array }>('s3', 'GetObject', { Bucket: BUCKET, Key: key });
    const archive = gunzipSync(Body).toString();
    for (const part of ['./var/log/web/access.log', 'hello\n', 'journal.txt']) expect(archive).toContain(part);
    expect(await on('ls /var/tmp')).toBe('');
  });

  it('collect-logs: takes nothing else, and says when it may not write', async () => {
    const destination = `s3://${BUCKET}/logs`;
    expect(await ended('collect-logs', { destination, paths: ['/var/log/escape'] })).toMatchObject({ exitCode: 2 });
    expect(await run('collect-logs', { destination, paths: ['/etc/shadow'] })).toMatchObject({
      error: 'InvalidRequest',
    });
    expect(await ended('collect-logs', { destination: 's3://not-our-bucket/x' })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('upload failed') as unknown,
    });
    expect(await on('ls /var/tmp')).toBe('');
  });

  it('run-script: runs what hashes to the checksum, and hands arguments on', async () => {
    const sha256 = createHash('sha256').update(SCRIPT).digest('hex');
    const given = ["it's", '$(touch /tmp/owned)', '-x', ''];
    const result = await ended('run-script', { source: `s3://${BUCKET}/a b/fix.sh`, sha256, arguments: given });
    expect(result).toMatchObject({
      exitCode: 7,
      stdout: `</var/tmp/PRIVATE/script>${given.map((each) => `<${each}>`).join('')}`,
    });
    expect(await on('ls /var/tmp; rm /tmp/ran; ls /tmp/owned')).toBe('');
  });

  it('run-script: runs nothing else', async () => {
    const result = await ended('run-script', { source: `s3://${BUCKET}/a b/fix.sh`, sha256: '0'.repeat(64) });
    expect(result).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('it was not run') as unknown });
    const missing = await ended('run-script', { source: `s3://${BUCKET}/none`, sha256: '0'.repeat(64) });
    expect(missing.exitCode).toBe(1);
    const secret = { source: `s3://${lab.output('OutputBucketName')}/x`, sha256: '0'.repeat(64) };
    expect((await ended('run-script', secret)).stderr).toContain('AccessDenied');
    expect(await on('ls /var/tmp; ls /tmp/ran')).toBe('');
  });

  it('rerun-user-data: runs it again', async () => {
    expect(await ended('rerun-user-data', {})).toMatchObject({ exitCode: 0, stdout: 'from user data\n' });
    expect(await on('cat /tmp/boots')).toBe('booted\n');
    expect((await ended('rerun-user-data', { reset: true })).exitCode).toBe(2);
    expect((await ended('rerun-user-data', {}, 'i-0aa11bb22cc33dd02')).exitCode).toBe(4);
  });

  it('restart-ssm-agent: ends first, and restarts then', async () => {
    const { clock } = lab.sandbox;
    const before = clock.now();
    expect(await ended('restart-ssm-agent', { seconds: 60 })).toMatchObject({
      exitCode: 0,
      stdout: 'amazon-ssm-agent.service restarts in 60 s\n',
    });
    const since = /since \w+ (\S+ \S+) UTC/.exec(await on('systemctl status amazon-ssm-agent'))?.[1] ?? '';
    expect(Date.parse(`${since}Z`)).toBeGreaterThan(before);
  });
});

describe('the catalogue on Windows', () => {
  it('refuses what has no version for it', async () =>
    expect(await run('rotate-logs', {}, machines.windows)).toMatchObject({ error: 'InvalidRequest' }));

  it('diagnostics: shows the machine', async () =>
    expect(await ended('diagnostics', {}, machines.windows)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('== Disk ==') as unknown,
    }));
});
