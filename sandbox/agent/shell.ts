import { assignmentsSucceed } from './assignments.ts';
import { inShell } from './host-time.ts';
import { Bash, defineCommand } from 'just-bash';
import { findWithin } from './commands/find.ts';
import { BUILT_IN, commandTable } from './commands/table.ts';
import type { Running } from './commands/command.ts';
import { isKill, killer, withoutKill } from './commands/kill.ts';
import { expandCommands } from './expand-commands.ts';
import type { Machine, Outcome, Script } from './machine.ts';
import { resolvePath } from './paths.ts';
import { preload } from './preload.ts';

/** Most commands and loop rounds of one script, far beyond a poll each second through the longest deadline of 48 h. */
const MOST_COMMANDS = 5_000_000;

/** After so many commands without a wait a script is a busy loop: it runs on, but not here, until it is killed. */
const BUSY = 100_000;

const SHELLS = /^#!\s*(?:\/usr)?\/bin\/(?:env\s+)?(?:ba|da)?sh(?:\s|$)/;

/** Runs a script as the SSM Agent does (`sh -c PATH`), as root, in a shell that ends with it. */
export async function runBash(machine: Machine, script: Script): Promise<Outcome> {
  await preload();
  const { fs, clock } = machine;
  const directory = await fs.stat(script.workingDirectory).catch(() => undefined);
  if (directory?.isDirectory !== true) {
    return { exitCode: 1, stdout: '', stderr: `chdir ${script.workingDirectory}: no such file or directory` };
  }
  await fs.mkdir(resolvePath(script.path, '..'), { recursive: true });
  await fs.writeFile(script.path, `${script.text}\n`);
  await fs.chmod(script.path, 0o700);
  const [firstLine = ''] = script.text.split('\n', 1);
  if (firstLine.startsWith('#!') && !SHELLS.test(firstLine)) {
    return {
      exitCode: 126,
      stdout: '',
      stderr: `sh: ${script.path}: ${firstLine.slice(2).trim()}: bad interpreter: No such file or directory\n`,
    };
  }
  const world = { now: () => clock.now(), random: () => machine.random.next() };
  const running: Running = { machine, killed: script.signal, kill: await killer(), timeouts: [], work: 0 };
  const result = await inShell(world, () => shellOf(running).exec(script.text, optionsOf(machine, script)));
  const { stdout, stderr, exitCode } = result;
  if (!isKill(result)) return { stdout, stderr, exitCode };
  await clock.outside(aborted(script.signal));
  return { exitCode: 137, stdout, stderr: withoutKill(stderr) };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

function countWork(running: Running): void {
  if (++running.work > BUSY || running.killed.aborted) running.kill();
}

function shellOf(running: Running): Bash {
  const { machine } = running;
  const commands = commandTable(running);
  const pid = machine.nextProcessId();
  const bash = new Bash({
    fs: machine.fs,
    commands: BUILT_IN,
    customCommands: Object.entries(commands).map(([name, execute]) => defineCommand(name, execute)),
    coverage: { hit: (feature) => feature.startsWith('bash:cmd:') && countWork(running) },
    defenseInDepth: false, // it throws under Jest, and nothing here trusts it
    processInfo: { pid, ppid: 1, uid: 0, gid: 0 },
    executionLimits: {
      maxExecutionTimeMs: Number.POSITIVE_INFINITY, // real time; the agent's deadline is in the machine's
      maxCommandCount: MOST_COMMANDS,
      maxLoopIterations: MOST_COMMANDS,
      maxCallDepth: 1000,
    },
  });
  bash.registerTransformPlugin(expandCommands);
  bash.registerTransformPlugin(findWithin);
  bash.registerTransformPlugin(assignmentsSucceed);
  return bash;
}

function optionsOf(machine: Machine, { path, workingDirectory }: Script) {
  const { hostname, instanceId, region } = machine.hardware;
  return {
    rawScript: true,
    replaceEnv: true,
    cwd: workingDirectory,
    env: {
      '0': path,
      HOME: '/root',
      USER: 'root',
      SHELL: '/bin/bash',
      PWD: workingDirectory,
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      HOSTNAME: hostname,
      AWS_SSM_INSTANCE_ID: instanceId,
      AWS_SSM_REGION_NAME: region,
    },
  };
}
