import type { World } from '../../core/world.ts';
import { AwsError } from '../../core/aws-error.ts';
import { Execution, type MachineRevision, type Start } from '../engine/execution.ts';
import type { MapRun } from '../engine/map-run.ts';
import type { Platform } from '../engine/platform.ts';
import { runExecution } from '../engine/run.ts';
import { TaskTokens } from '../tasks/tokens.ts';
import { checkArn, executionDoesNotExist, stateMachineDoesNotExist } from './errors.ts';
import type { Machine, MachineAlias } from './machine.ts';
import { emitStatus, logger } from './notify.ts';

/** The revision that an ARN names, and what it was named through. */
interface Resolved {
  readonly machine: Machine;
  readonly revision: MachineRevision;
  readonly versionArn: string | undefined;
  readonly aliasArn: string | undefined;
}

type Through = Pick<Start, 'mapRunArn' | 'stateMachineVersionArn' | 'stateMachineAliasArn'>;

/** All machines and executions of the account, and the platform they run on. */
export class Store implements Platform {
  readonly world: World;
  readonly tokens: TaskTokens;
  readonly machines = new Map<string, Machine>();
  readonly aliases = new Map<string, MachineAlias>();
  readonly executions = new Map<string, Execution>();
  readonly mapRuns = new Map<string, MapRun>();

  constructor(world: World) {
    this.world = world;
    this.tokens = new TaskTokens(world.random);
  }

  arn(kind: string, name: string): string {
    return `arn:aws:states:${this.world.region}:${this.world.account}:${kind}:${name}`;
  }

  /** Throws InvalidArn or StateMachineDoesNotExist. */
  machine(arn: string): Machine {
    checkArn(arn);
    const machine = this.machines.get(arn);
    if (machine === undefined) throw stateMachineDoesNotExist(arn);
    return machine;
  }

  /** The machine, version or alias that an ARN names. */
  resolve(arn: string): Resolved {
    checkArn(arn);
    const alias = this.aliases.get(arn);
    const versionArn = alias?.versionArn ?? arn;
    const base = versionArn.split(':').slice(0, 7).join(':');
    const machine = this.machines.get(base);
    if (machine === undefined) throw stateMachineDoesNotExist(arn);
    if (versionArn === base) return { machine, revision: machine.revision, versionArn: undefined, aliasArn: undefined };
    const version = machine.versions.find((each) => each.arn === versionArn);
    if (version === undefined) throw stateMachineDoesNotExist(arn);
    return { machine, revision: version.revision, versionArn, aliasArn: alias?.arn };
  }

  execution(arn: string): Execution {
    checkArn(arn);
    const execution = this.executions.get(arn);
    if (execution === undefined) throw executionDoesNotExist(arn);
    return execution;
  }

  findExecution(arn: string): Execution | undefined {
    return this.executions.get(arn);
  }

  mapRun(arn: string): MapRun {
    checkArn(arn);
    const run = this.mapRuns.get(arn);
    if (run === undefined)
      throw new AwsError('ResourceNotFound', `Resource not found: '${arn}'`, 400, { resourceName: arn });
    return run;
  }

  addMapRun(run: MapRun): void {
    this.mapRuns.set(run.arn, run);
  }

  /** Records an execution and sets it going. */
  begin(machine: MachineRevision, name: string, input: string, through: Through): Execution {
    const { clock, random, account } = this.world;
    const roleName = machine.roleArn.slice(machine.roleArn.lastIndexOf('/') + 1);
    const arn = this.arn('execution', `${machine.name}:${name}`);
    const caller = {
      kind: 'role',
      arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${random.alphanumeric(32)}`,
      roleName,
    } as const;
    const execution = new Execution(
      { arn, name, machine, input, startDate: clock.date(), caller, ...through },
      { event: logger(this.world, machine, arn), changed: (changed) => emitStatus(this.world, changed) },
    );
    this.executions.set(arn, execution);
    clock.spawn(() => runExecution(execution, this));
    return execution;
  }

  startChild(parent: Execution, { arn, label, processor }: MapRun, name: string, input: string): Execution {
    const { machine } = parent.start;
    const definition = { ...processor, comment: undefined, timeoutSeconds: undefined };
    const child = { ...machine, arn: `${machine.arn}/${label}`, name: `${machine.name}/${label}`, definition };
    return this.begin(child, name, input, {
      mapRunArn: arn,
      stateMachineVersionArn: undefined,
      stateMachineAliasArn: undefined,
    });
  }
}
