import { describe, expect, it } from '@jest/globals';
import { AwsError } from '../../../sandbox/core/aws-error.ts';
import { machine } from './machine.ts';

const DAY = 86_400_000;

describe('find -xdev', () => {
  it('stays within a file system and heeds the rest of the expression', async () => {
    const { run } = machine();
    const { stdout } = await run(
      'mkdir -p /data/below "/srv/a [x]"; echo 1 > /data/below/f; echo 2 > "/srv/a [x]/g"; ' +
        'find /data /srv -xdev -type f; cd /; find . -name f -mount; find -xdev -name kept; echo end',
    );
    expect(stdout).toBe('/data/below/f\n/data/kept\n/srv/a [x]/g\nend\n');
  });

  it('deletes nothing on another disk', async () => {
    const { run } = machine();
    const { stdout } = await run(
      'cd /; echo 1 > /tmp/x; find . -xdev -type f -name "[xk]" -delete -printf "%s %f\\n"; cat /data/kept',
    );
    expect(stdout).toBe('2 x\nfrom the volume\n');
  });
});

describe('aws s3 cp', () => {
  it('copies both ways, and between pipes', async () => {
    const objects = new Map<string, Uint8Array>();
    const { run } = machine({
      callAws: async (_service, operation, input) => {
        const { Bucket, Key, Body } = input as { Bucket: string; Key: string; Body?: Uint8Array };
        if (Body !== undefined) objects.set(`${Bucket}/${Key}`, Body);
        const found = objects.get(`${Bucket}/${Key}`);
        if (found === undefined) throw new AwsError('404', 'Not Found', 404);
        return operation === 'GetObject' ? { Body: found } : {};
      },
    });
    const { stdout, stderr } = await run(
      'cd /tmp; echo "käse" > a; aws s3 cp a s3://box/dir/; aws s3 cp --only-show-errors s3://box/dir/a b; cat b; ' +
        'cat a | aws s3 cp - s3://box/c; aws s3 cp s3://box/c -; aws s3 cp s3://box/none d; echo $?; aws s3 ls; echo $?',
    );
    expect(stdout).toBe('upload: a to s3://box/dir/\nkäse\nupload: - to s3://box/c\nkäse\n1\n252\n');
    expect(stderr).toBe(
      'fatal error: An error occurred (404) when calling the HeadObject operation: Not Found\n' +
        "aws: the sandbox does not model 'aws s3 ls'\n",
    );
  });

  it('finds no credentials on a machine without a profile', async () =>
    expect(await machine().run('aws s3 cp s3://a/b c')).toMatchObject({
      exitCode: 255,
      stderr: 'Unable to locate credentials\n',
    }));
});

describe('logrotate', () => {
  it('shifts what is kept and drops the oldest', async () => {
    const { run } = machine();
    const { stdout } = await run(
      'printf "/var/log/a.log {\\n rotate 2\\n}\\n/var/log/none { \\nmissingok\\n}\\n" > /etc/l; ' +
        'for n in 1 2 3 4; do echo $n > /var/log/a.log; logrotate --force /etc/l; done; cat /var/log/a.log /var/log/a.log.1 /var/log/a.log.2; ls /var/log',
    );
    expect(stdout).toBe('4\n3\na.log\na.log.1\na.log.2\n');
  });

  it('refuses what it does not know', async () => {
    const { stderr, exitCode } = await machine().run(
      'printf "/x {\\n sharedscripts\\n}\\n" > /etc/l; logrotate -f /etc/l',
    );
    expect([exitCode, stderr]).toEqual([1, "error: the sandbox does not model the directive 'sharedscripts'\n"]);
    expect((await machine().run('logrotate /etc/logrotate.conf')).exitCode).toBe(1);
  });
});

describe('journalctl', () => {
  it('reads, rotates and drops archives that are old', async () => {
    const { run } = machine();
    const { stdout } = await run(
      `d=/var/log/journal; journalctl; id=$(printf %032s 0123456789abcdef0 | tr ' ' 0); mkdir -p $d/$id; ` +
        'printf "Jan  4 08:00:00 h a: old\\nJan  5 08:30:00 h a: new\\n" > $d/$id/system.journal; ' +
        'journalctl --no-pager --since "2 hours ago"; journalctl --rotate; journalctl; journalctl --vacuum-time=1d; sleep 30h; journalctl --vacuum-time=1d; journalctl',
    );
    expect(stdout).toBe(
      '-- No entries --\nJan  5 08:30:00 h a: new\nJan  4 08:00:00 h a: old\nJan  5 08:30:00 h a: new\n' +
        'Vacuuming done, freed 0B of archived journals from /var/log/journal/0000000000000000123456789abcdef0.\n' +
        'Vacuuming done, freed 50B of archived journals from /var/log/journal/0000000000000000123456789abcdef0.\n-- No entries --\n',
    );
    expect((await run('journalctl -u nginx')).stderr).toContain('the sandbox does not model');
  });
});

describe('cloud-init', () => {
  it('runs user data that is a script, again and again', async () => {
    const { run } = machine();
    const data = 'mkdir -p /var/lib/cloud/instance; printf "#!/bin/bash\\necho ran; exit $1\\n"';
    const single = 'cloud-init single --name scripts-user --frequency always';
    const { stdout } = await run(
      `set -- 0; ${data.replace('$1', '0')} > /var/lib/cloud/instance/user-data.txt; cloud-init status --wait; ${single}; ${single}; cat /var/log/cloud-init-output.log`,
    );
    expect(stdout).toBe('status: done\nran\nran\nran\nran\n');
    const failed = await run(`${data.replace('$1', '3')} > /var/lib/cloud/instance/user-data.txt; ${single}`);
    expect(failed).toMatchObject({ exitCode: 1, stdout: 'ran\n' });
  });
});

describe('systemd-run', () => {
  it('runs a command later', async () => {
    const { run, clock } = machine();
    expect((await run('systemd-run --on-active=20 touch "/tmp/a b"; ls /tmp')).stdout).toBe('');
    await clock.runUntil(() => false, clock.now() + 30_000);
    expect((await run('ls /tmp')).stdout).toBe('a b\n');
  });

  it('forgets it when the machine is restarted', async () => {
    const { run, clock, hardware } = machine();
    await run('systemd-run --on-active=20s touch /tmp/late');
    hardware.bootedAt = clock.now();
    await clock.runUntil(() => false, clock.now() + DAY);
    expect((await run('ls /tmp; systemd-run ls')).stdout).toBe('');
  });
});

describe('docker and systemctl', () => {
  it('tell a state and logs by age', async () => {
    const { run } = machine();
    const inspect = `docker inspect --format '{{.State.Status}}' shop`;
    const { stdout, stderr } = await run(
      `${inspect}; docker stop shop; ${inspect}; docker logs --since 1h shop; docker restart shop; docker logs --since 1h --tail 1 shop; docker inspect shop; systemctl cat nginx | tail -1; systemctl cat none`,
    );
    expect(stdout).toBe('running\nshop\nexited\na\nb\nc\nshop\nc\nExecStart=/usr/sbin/nginx -g\n');
    expect(stderr).toContain('the sandbox models --format');
    expect(stderr).toContain('No files found for none.service.');
  });
});
