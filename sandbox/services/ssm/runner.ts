import { isRefusal, isTransient } from '../../core/transient.ts';
import type { Caller } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { Ec2Store, Instance } from '../ec2/index.ts';
import { substituteOwn } from './documents.ts';
import { isReachable } from './managed.ts';
import { type Command, type Details, type Invocation, isFinal, outputPrefix } from './model.ts';
import { keptStderr, keptStdout } from './output.ts';

const UPLOAD_ATTEMPTS = 3;

/** The agent's exit code for a script that it killed. */
const KILLED = 137;
const REBOOT = 194;
/** How often the service looks again for an agent that is not connected, milliseconds. */
const RETRY_DELIVERY = 15_000;

interface Surroundings {
  readonly world: World;
  readonly ec2: Ec2Store;
  /** What the agent acts as, by instance profile. */
  readonly callerOf: (instanceProfile: string, instanceId: string) => Caller;
  /** Called after every change of an invocation. */
  readonly changed: (command: Command, invocation: Invocation) => void;
}

/** Takes one invocation from Pending to its end, as the service and the agent on the instance do together. */
export class Runner {
  readonly #on: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#on = surroundings;
  }

  async run(command: Command, invocation: Invocation): Promise<void> {
    await this.#pause(200, 600);
    const instance = await this.#reach(command, invocation);
    if (instance === undefined || isFinal(invocation.details)) return;
    const refusal = refusalOf(command, instance);
    if (refusal !== undefined) {
      this.#finish(command, invocation, refusal, -1);
      return;
    }
    invocation.startedAt = this.#now();
    this.#change(command, invocation, 'InProgress');
    await this.#execute(command, invocation, instance);
  }

  /** Asks the agent to stop; a command that nobody has taken yet ends at once. */
  async cancel(command: Command, invocation: Invocation): Promise<void> {
    if (isFinal(invocation.details)) return;
    const started = invocation.startedAt !== undefined;
    this.#change(command, invocation, 'Cancelling');
    await this.#pause(200, 600);
    if (!started && invocation.startedAt === undefined) this.#finish(command, invocation, 'Cancelled', -1);
    else if (this.#on.ec2.instances.get(invocation.instanceId)?.agent !== 'hangs')
      invocation.cancel.abort(new Error('cancelled'));
  }

  /** Waits for an agent that takes commands, until the delivery time-out. */
  async #reach(command: Command, invocation: Invocation): Promise<Instance | undefined> {
    const deadline = command.requestedAt + command.timeoutSeconds * 1000;
    for (;;) {
      const instance = this.#on.ec2.instances.get(invocation.instanceId);
      if (isFinal(invocation.details)) return undefined;
      if (instance !== undefined && isReachable(instance) && invocation.details === 'Pending') return instance;
      if (this.#now() >= deadline) {
        this.#finish(command, invocation, 'DeliveryTimedOut', -1);
        return undefined;
      }
      await this.#on.world.clock.sleep(Math.min(RETRY_DELIVERY, deadline - this.#now()));
    }
  }

  async #execute(command: Command, invocation: Invocation, instance: Instance): Promise<void> {
    const { clock } = this.#on.world;
    const expire = clock.schedule(command.expiresAt, () => this.#finish(command, invocation, 'DeliveryTimedOut', -1));
    if (instance.agent === 'dies-at-command') return;
    const { bootedAt } = instance;
    const seconds = Number(command.parameters['executionTimeout']?.[0]);
    const timedOut = new AbortController();
    const stopTimer = clock.schedule(clock.now() + seconds * 1000, () => timedOut.abort(new Error('timed out')));
    const outcome = await this.#on.ec2.machine(instance.instanceId).run({
      text: substituteOwn(command.document, command.parameters).join('\n'),
      path: `/var/lib/amazon/ssm/${instance.instanceId}/document/orchestration/${command.commandId}/${command.document.folders}/${command.document.script}`,
      workingDirectory: command.parameters['workingDirectory']?.[0] || '/usr/bin',
      signal: AbortSignal.any([invocation.cancel.signal, timedOut.signal]),
    });
    stopTimer();
    // A machine that went down under its agent reports nothing: the command stays InProgress until it expires.
    if (instance.state !== 'running' || instance.bootedAt !== bootedAt || isFinal(invocation.details)) return;
    invocation.endedAt = clock.now();
    const details = detailsOf(outcome.exitCode, invocation.cancel.signal.aborted);
    const stderr = outcome.stderr + noteOf(details, outcome);
    await this.#upload(command, instance, outcome.stdout, stderr);
    await this.#pause(100, 400);
    if (isFinal(invocation.details)) return;
    expire();
    invocation.stdout = keptStdout(outcome.stdout);
    invocation.stderr = keptStderr(stderr);
    this.#finish(command, invocation, details, outcome.exitCode);
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

  #finish(command: Command, invocation: Invocation, details: Details, responseCode: number): void {
    if (isFinal(invocation.details)) return;
    invocation.responseCode = responseCode;
    this.#change(command, invocation, details);
  }

  #change(command: Command, invocation: Invocation, details: Details): void {
    invocation.details = details;
    this.#on.changed(command, invocation);
  }

  #now(): number {
    return this.#on.world.clock.now();
  }

  #pause(least: number, most: number): Promise<void> {
    return this.#on.world.clock.sleep(least + this.#on.world.random.below(most - least));
  }
}

function refusalOf({ document }: Command, { agent, software }: Instance): Details | undefined {
  if (agent === 'unreachable') return 'Undeliverable';
  if (agent === 'access-denied') return 'AccessDenied';
  return software.platform === document.platform ? undefined : 'InvalidPlatform';
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
