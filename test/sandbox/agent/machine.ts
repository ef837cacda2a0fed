import {
  buildTree,
  type CallAws,
  Disk,
  type Hardware,
  linuxFiles,
  Machine,
  type Outcome,
} from '../../../sandbox/agent/index.ts';
import { VirtualClock } from '../../../sandbox/clock/virtual-clock.ts';
import { Random } from '../../../sandbox/core/random.ts';

const unit = { description: 'd', state: 'active', enabled: true, startsAs: 'active', command: '/usr/sbin/x' } as const;

interface Options {
  readonly platform?: 'Linux' | 'Windows';
  readonly seed?: number;
  readonly callAws?: CallAws;
}

/** A machine with a root and a data disk mounted at /data, and what runs scripts on it in virtual time. */
export function machine({ platform = 'Linux', seed = 1, callAws }: Options = {}) {
  const clock = new VirtualClock();
  const fstab = 'LABEL=data /data xfs defaults 0 2\n';
  const root = new Disk(
    buildTree({ ...linuxFiles('Amazon Linux', '2023'), '/etc/fstab': fstab, '/data/': '' }, clock.now()),
    'root-uuid',
  );
  const data = new Disk(buildTree({ '/kept': 'from the volume\n' }, clock.now()), 'data-uuid', 'data');
  const device = (index: number, deviceName: string, disk: Disk) => ({
    kernelName: `nvme${index}n1`,
    deviceName,
    volumeId: `vol-${index}`,
    sizeGiB: 50,
    disk,
  });
  const hardware: { -readonly [K in keyof Hardware]: Hardware[K] } = {
    instanceId: 'i-0123456789abcdef0',
    region: 'eu-central-1',
    hostname: 'ip-10-0-0-5',
    privateIp: '10.0.0.5',
    architecture: 'x86_64',
    vcpus: 2,
    memoryMiB: 4096,
    bootedAt: clock.now() - 26 * 3600_000,
    running: true,
    devices: [device(0, '/dev/xvda', root), device(1, '/dev/sdf', data)],
    software: {
      platform,
      platformName: platform === 'Linux' ? 'Amazon Linux' : 'Windows Server 2022',
      platformVersion: '2023',
      kernel: '6.1.0',
      units: [
        { ...unit, name: 'nginx', command: '/usr/sbin/nginx -g' },
        { ...unit, name: 'docker' },
        { ...unit, name: 'broken', state: 'failed', startsAs: 'failed' },
      ],
      containers: [
        {
          name: 'shop',
          image: 'shop:1',
          command: 'node .',
          state: 'running',
          exitCode: 0,
          ports: '80/tcp',
          logs: ['a', 'b', 'c'],
        },
      ],
      listeners: [{ port: 80, process: 'nginx', protocol: 'tcp' }],
      memoryUsed: 0.5,
      load: [0.1, 0.2, 0.3],
    },
  };
  const made = new Machine({ clock, random: new Random(seed), callAws }, () => hardware);

  async function run(
    text: string,
    { killAfter, workingDirectory = '/usr/bin' }: { killAfter?: number; workingDirectory?: string } = {},
  ): Promise<Outcome> {
    const kill = new AbortController();
    const outcomes: Outcome[] = [];
    clock.spawn(async () => {
      outcomes.push(
        await made.run({ text, path: '/var/lib/amazon/ssm/_script.sh', workingDirectory, signal: kill.signal }),
      );
    });
    if (killAfter !== undefined) clock.schedule(clock.now() + killAfter, () => kill.abort(new Error('killed')));
    await clock.runUntil(() => outcomes.length > 0);
    const [outcome] = outcomes;
    if (outcome === undefined) throw new Error('the script never ended');
    return outcome;
  }
  return { machine: made, hardware, clock, run, data, root };
}
