import { CommandFailed, type Execute, type Running } from './command.ts';

const PROPERTY = /^--timer-property=AccuracySec=\w+$/;
const AFTER = /^--on-active=(\d+)s?$/;

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** Command `systemd-run --on-active=SECONDS COMMAND…` (systemd): runs it later, unless the machine is restarted before. */
export const systemdRun =
  ({ machine }: Running): Execute =>
  (args) => {
    const first = args.findIndex((arg) => !arg.startsWith('-'));
    const options = args.slice(0, first < 0 ? args.length : first);
    const seconds = options.map((option) => AFTER.exec(option)?.[1]).find((each) => each !== undefined);
    if (first < 0 || seconds === undefined || options.some((option) => !AFTER.test(option) && !PROPERTY.test(option)))
      throw new CommandFailed(`systemd-run: the sandbox does not model 'systemd-run ${args.join(' ')}'`);
    const { clock, random } = machine;
    const { bootedAt } = machine.hardware;
    const unit = `run-r${random.hex(32)}`;
    const text = args.slice(first).map(quoted).join(' ');
    clock.schedule(clock.now() + Number(seconds) * 1000, () => {
      const { running, bootedAt: now } = machine.hardware;
      if (!running || now !== bootedAt) return;
      const script = {
        text,
        path: `/run/systemd/transient/${unit}.service`,
        workingDirectory: '/',
        signal: new AbortController().signal,
      };
      clock.spawn(async () => {
        await machine.run(script);
      });
    });
    const stderr = `Running timer as unit: ${unit}.timer\nWill run service as unit: ${unit}.service\n`;
    return Promise.resolve({ stdout: '', stderr, exitCode: 0 });
  };
