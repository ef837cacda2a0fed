import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { machine } from './machine.ts';

const stdout = async (text: string): Promise<string> => (await machine().run(text)).stdout;

describe('a script on Linux', () => {
  it('runs as root, in its directory, with its path as $0', async () => {
    expect(await stdout('pwd; echo $0; id -u; whoami; echo $HOME')).toBe(
      '/usr/bin\n/var/lib/amazon/ssm/_script.sh\n0\nroot\n/root\n',
    );
  });

  it('lives in virtual time', async () => {
    const { run } = machine();
    const { stdout: shown } = await run(
      'date +%s; sleep 2h; date +%s; touch /tmp/x; find /tmp -name x -mtime -1; echo $SECONDS',
    );
    const [before, after, found] = shown.split('\n');
    expect(Number(after) - Number(before)).toBe(7200);
    expect(before).toBe(String(Date.UTC(2026, 0, 5, 9) / 1000));
    expect(found).toBe('/tmp/x');
  });

  it('draws its chance from the seed', async () => {
    const text = 'echo $RANDOM $RANDOM; mktemp; mktemp -d';
    const first = await machine({ seed: 5 }).run(text);
    expect(await machine({ seed: 5 }).run(text)).toEqual(first);
    expect(await machine({ seed: 6 }).run(text)).not.toEqual(first);
  });

  it('leaves the host its own time and chance', async () => {
    const before = Date.now();
    await stdout('date');
    expect(Date.now()).toBeGreaterThanOrEqual(before);
    expect(new Date().getTime()).toBeGreaterThanOrEqual(before);
    expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
    expect(new Date()).toBeInstanceOf(Date);
    expect(Math.random()).not.toBe(Math.random());
  });

  it('runs "$@" and "${array[@]}" as commands', async () => {
    expect(await stdout('probe() { shift; "$@"; }; probe x printf "<%s>" a "b  c"; a=(echo "y  z"); "${a[@]}"')).toBe(
      '<a><b  c>y  z\n',
    );
    expect(await stdout('set -u; f() { "$@"; }; f echo ok')).toBe('ok\n');
  });

  it('lets an assignment succeed, whatever came before, unless what it substitutes fails', async () => {
    expect(
      await stdout('false; x=1; echo $?; false; x=$?; echo $? $x; x=$(false); echo $?; y=$((1 + 1)) z=2; echo $? $y$z'),
    ).toBe('0\n0 1\n1\n0 22\n');
    const text =
      'set -eu; false || x=1; (exit 7) || y=$?; if false; then :; else z=3; fi; echo $x$y$z; x=$(false); echo never';
    expect(await machine().run(text)).toMatchObject({ exitCode: 1, stdout: '173\n' });
  });

  it('ends with the exit code of the script', async () => {
    expect((await machine().run('echo a; exit 42')).exitCode).toBe(42);
    expect((await machine().run('set -e; false; echo never')).exitCode).toBe(1);
    expect(await machine().run('no-such-command')).toMatchObject({
      exitCode: 127,
      stderr: 'bash: no-such-command: command not found\n',
    });
    expect((await machine().run('#!/usr/bin/env python3\nprint(1)')).stderr).toContain('bad interpreter');
  });

  it.each([
    ['in a loop', 'echo before; while true; do sleep 60; echo tick; done', 'before\ntick\ntick\n'],
    ['in a function', 'f() { echo in; sleep 999; }; f; echo never', 'in\n'],
    ['in a pipeline', 'echo before; { echo piped; sleep 999; } | cat', 'before\npiped\n'],
    ['in a shell of its own', 'echo before; sh -c "echo in; sleep 999"; echo never', 'before\nin\n'],
    ['under timeout', 'timeout 9h sh -c "echo in; sleep 999"; echo never', 'in\n'],
    ['in a substitution', 'echo before; x=$(sleep 999); echo never', 'before\n'],
  ])('is killed %s and keeps what it had written', async (_where, text, kept) => {
    const { run, clock } = machine();
    const start = clock.now();
    expect(await run(text, { killAfter: 150_000 })).toEqual({ exitCode: 137, stdout: kept, stderr: '' });
    expect(clock.now() - start).toBe(150_000);
  });

  it('has timeout in the same time', async () => {
    const { run, clock } = machine();
    const start = clock.now();
    expect((await run('timeout 5 sleep 100; echo $?; timeout 9 echo in time; echo $?')).stdout).toBe(
      '124\nin time\n0\n',
    );
    const partial = await run('timeout 5 sh -c "echo in; sleep 9; echo out"; echo $?');
    expect(partial).toEqual({ exitCode: 0, stdout: 'in\n124\n', stderr: '' });
    expect(clock.now() - start).toBe(10_000);
  });

  it('runs a busy loop until it is killed, without hanging the sandbox', async () => {
    const { run, clock } = machine();
    const start = clock.now();
    const outcome = await run('echo spinning; while :; do :; done; echo never', { killAfter: 60_000 });
    expect(outcome).toEqual({ exitCode: 137, stdout: 'spinning\n', stderr: '' });
    expect(clock.now() - start).toBe(60_000);
  });

  it('reaches neither the host nor a network', async () => {
    const { stdout: shown, stderr } = await machine().run(
      'cat /etc/hostname; ls /home; curl http://127.0.0.1 || echo none; cat /proc/uptime',
    );
    expect(shown).toBe('ip-10-0-0-5\nec2-user\nnone\n93600.00 93600.00\n');
    expect(stderr).toBe('bash: curl: command not found\n');
  });

  it('takes any text as data', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => !text.includes('\0') && text.isWellFormed()),
        async (text) => {
          expect(await stdout(`printf '%s' '${text.replaceAll("'", `'\\''`)}'`)).toBe(text);
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });
});

describe('commands of the machine', () => {
  it.each([
    ['uname -srm', 'Linux 6.1.0 x86_64\n'],
    ['nproc', '2\n'],
    ['hostname -I', '10.0.0.5 \n'],
    ['uptime', ' 09:00:00 up 1 day,  2:00,  0 users,  load average: 0.10, 0.20, 0.30\n'],
    ["free -m | awk '/Mem/ {print $2, $3}'", '4096 2048\n'],
    ['df -hP /data | tail -1', '/dev/nvme1n1  50G 4.1K   50G   1% /data\n'],
    ['findmnt -n /data', '/data /dev/nvme1n1 xfs rw,relatime\n'],
    ['lsblk -n | head -1', 'nvme0n1     259:0 0 50G 0 disk\n'],
    ['systemctl is-active nginx broken; echo $?', 'active\nfailed\n0\n'],
    ['systemctl --failed --no-legend', '● broken.service loaded failed failed d\n'],
    ['docker ps --format "{{.Names}} {{.Image}}"', 'shop shop:1\n'],
    ['docker logs --tail 2 shop', 'b\nc\n'],
    ['ss -Htln | wc -l', '1\n'],
    ['pgrep nginx', '700\n'],
  ])('%s', async (text, shown) => {
    expect(await stdout(text)).toBe(shown);
  });

  it('change the state of the machine', async () => {
    const { run } = machine();
    expect((await run('systemctl stop nginx; systemctl is-active nginx')).stdout).toBe('inactive\n');
    expect((await run('systemctl is-active nginx; systemctl start nginx; systemctl is-active nginx')).stdout).toBe(
      'inactive\nactive\n',
    );
    expect(await run('systemctl restart broken')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Job for broken.service failed'),
    });
    expect(
      (await run('docker stop shop; docker ps -q | wc -l; docker restart shop; docker ps -q | wc -l')).stdout,
    ).toBe('shop\n0\nshop\n1\n');
  });

  it.each([
    ['uname -Z', 1, "uname: invalid option -- 'Z'"],
    ['systemctl status nope', 4, 'Unit nope.service could not be found.'],
    ['docker logs nope', 1, 'Error response from daemon: No such container: nope'],
    ['umount /', 32, 'umount: /: target is busy.'],
    ['mount /dev/sdz /mnt', 32, 'special device /dev/sdz does not exist'],
    ['reboot', 1, 'does not model a shutdown from within'],
    ['sleep soon', 1, "sleep: invalid time interval 'soon'"],
  ])('%s fails as it should', async (text, exitCode, stderr) => {
    expect(await machine().run(text)).toMatchObject({ exitCode, stderr: expect.stringContaining(stderr) });
  });
});

describe('disks', () => {
  it('are mounted by fstab, come off and go on again', async () => {
    const { run } = machine();
    expect((await run('cat /data/kept; umount /data; ls /data; mount /data; ls /data')).stdout).toBe(
      'from the volume\nkept\n',
    );
    expect((await run('umount /data; mount /dev/sdf /mnt; cat /mnt/kept')).stdout).toBe('from the volume\n');
  });

  it('keep what was written, through a restart that forgets the rest', async () => {
    const { run, hardware, clock } = machine();
    await run('echo data > /data/new; echo root > /root/new; systemctl stop nginx; umount /data');
    hardware.bootedAt = clock.now() + 1;
    expect((await run('cat /data/new /root/new; systemctl is-active nginx')).stdout).toBe('data\nroot\nactive\n');
  });

  it('move to another machine with their files', async () => {
    const one = machine();
    await one.run('echo moved > /data/new');
    const other = machine();
    const [root, device] = other.hardware.devices;
    if (root === undefined || device === undefined) throw new Error('two devices expected');
    other.hardware.devices = [root, { ...device, disk: one.data }];
    expect((await other.run('cat /data/new')).stdout).toBe('moved\n');
  });
});
