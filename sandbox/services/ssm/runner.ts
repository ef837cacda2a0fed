import { isRefusal, isTransient } from '../../core/transient.ts';
import type { Caller } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { Ec2Store, Instance } from '../ec2/index.ts';
import { substituteOwn } from './documents.ts';
import { type Command, type Details, outputPrefix } from './model.ts';
import { keptStderr, keptStdout } from './output.ts';

const UPLOAD_ATTEMPTS = 3;

/** The agent's exit code for a script that it killed. */
const KILLED = 137;
const REBOOT = 194;

interface Surroundings {
  readonly world: World;
  readonly ec2: Ec2Store;
  /** What the agent acts as, by instance profile. */
  readonly callerOf: (instanceProfile: string, instanceId: string) => Caller;
}

/** What the agent tells the service of a command that is over. */
export interface Report {
  readonly details: Details;
  readonly responseCode: number;
  /** Epoch milliseconds. */
  readonly endedAt: number;
  /** At most 24,000 and 8,000 characters. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command on one instance, as the agent there does. */
export class Runner {
  readonly #on: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#on = surroundings;
  }

  /** Runs it to its end or until `cancelled`, and uploads its output. Undefined if the agent died: nothing will be told. */
  async run(command: Command, instance: Instance, cancelled: AbortSignal): Promise<Report | undefined> {
    if (instance.agent === 'dies-at-command') return undefined;
    const { clock } = this.#on.world;
    const { bootedAt } = instance;
    const seconds = Number(command.parameters['executionTimeout']?.[0]);
    const timedOut = new AbortController();
    const stopTimer = clock.schedule(clock.now() + seconds * 1000, () => timedOut.abort(new Error('timed out')));
    const outcome = await this.#on.ec2.machine(instance.instanceId).run({
      text: substituteOwn(command.document, command.parameters).join('\n'),
      path: `/var/lib/amazon/ssm/${instance.instanceId}/document/orchestration/${command.commandId}/${command.document.folders}/${command.document.script}`,
      workingDirectory: command.parameters['workingDirectory']?.[0] || '/usr/bin',
      signal: AbortSignal.any([cancelled, timedOut.signal]),
    });
    stopTimer();
    const lost = () => instance.state !== 'running' || instance.bootedAt !== bootedAt || instance.agent === 'dead';
    if (lost()) return undefined;
    const endedAt = clock.now();
    const details = detailsOf(outcome.exitCode, cancelled.aborted);
    const stderr = outcome.stderr + noteOf(details, outcome);
    await this.#upload(command, instance, outcome.stdout, stderr);
    await clock.sleep(100 + this.#on.world.random.below(300));
    if (lost()) return undefined;
    return {
      details,
      responseCode: outcome.exitCode,
      endedAt,
      stdout: keptStdout(outcome.stdout),
      stderr: keptStderr(stderr),
    };
  }

  /** The agent writes to S3 with the instance's own role. A failure changes no status; the agent logs it on the machine. */
  async #upload(command: Command, instance: Instance, stdout: string, stderr: string): Promise<void> {
    if (command.bucket === '') return;
    const prefix = outputPrefix(command, instance.instanceId);
    for (const [name, text] of [
      ['stdout', stdout],
      ['stderr', stderr],
    ] as const) {
      if (text === '') continue;
      try {
        const input = { Bucket: command.bucket, Key: `${prefix}/${name}`, Body: new TextEncoder().encode(text) };
        await this.#put(this.#callerOf(instance), input);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        await this.#log(
          instance,
          `ERROR failed uploading ${prefix}/${name} to ${command.bucket}: ${error.name}: ${error.message}`,
        );
      }
    }
  }

  /** Tries again as the SDK in the agent does. */
  async #put(caller: Caller, input: object): Promise<void> {
    const { clock, dispatcher } = this.#on.world;
    for (let attempt = 1; ; attempt++) {
      try {
        await dispatcher.call(caller, 's3', 'PutObject', input);
        return;
      } catch (error) {
        if (attempt === UPLOAD_ATTEMPTS || !isTransient(error)) throw error;
        await clock.sleep(attempt * 1000);
      }
    }
  }

  #callerOf({ instanceId, instanceProfile }: Instance): Caller {
    if (instanceProfile === undefined) throw new Error(`${instanceId} is managed without an instance profile`);
    return this.#on.callerOf(instanceProfile, instanceId);
  }

  async #log({ instanceId }: Instance, line: string): Promise<void> {
    const { fs } = this.#on.ec2.machine(instanceId);
    await fs.mkdir('/var/log/amazon/ssm', { recursive: true });
    const time = this.#on.world.clock.date().toISOString().slice(0, 19).replace('T', ' ');
    await fs.appendFile('/var/log/amazon/ssm/amazon-ssm-agent.log', `${time} ${line}\n`);
  }
}

function detailsOf(exitCode: number, cancelled: boolean): Details {
  if (exitCode === 0) return 'Success';
  if (exitCode === KILLED) return cancelled ? 'Cancelled' : 'ExecutionTimedOut';
  return 'Failed';
}

/** What the agent adds to stderr of a script that failed. */
function noteOf(
  details: Details,
  { exitCode, stderr }: { readonly exitCode: number; readonly stderr: string },
): string {
  if (details !== 'Failed') return '';
  const note =
    exitCode === REBOOT ? 'the sandbox does not model exit 194, which asks for a reboot' : `exit status ${exitCode}`;
  return `${stderr === '' || stderr.endsWith('\n') ? '' : '\n'}failed to run commands: ${note}`;
}
