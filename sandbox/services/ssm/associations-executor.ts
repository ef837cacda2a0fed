import { AwsError } from '../../core/aws-error.ts';
import type { World } from '../../core/world.ts';
import type { Ec2Store, Instance } from '../ec2/index.ts';
import { outputOf } from './associations-definition.ts';
import { associationChanged, targetChanged } from './associations-events.ts';
import { type Association, type AssociationExecution, type Definition, overallStatus } from './associations-model.ts';
import type { Commands } from './commands.ts';
import { checkedParameters, findDocument, type ParameterValues, substituteStored } from './documents.ts';
import { managedInstances } from './managed.ts';
import type { Command, Invocation } from './model.ts';
import { newCommand } from './new-command.ts';
import type { ParameterStore } from './parameter-store.ts';
import { tester } from './targets.ts';

interface Surroundings {
  readonly world: World;
  readonly ec2: Ec2Store;
  readonly parameters: ParameterStore;
  readonly commands: Commands;
}

/** Takes an execution from its targets to its end: one command that no list shows, under the association's rate control. */
export class Executor {
  readonly #on: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#on = surroundings;
  }

  /** Resolves the targets as they are now, and sends. */
  begin(association: Association, execution: AssociationExecution): void {
    const { world, commands } = this.#on;
    const parameters = this.#parameters(execution.definition);
    const command = this.#command(execution.definition, parameters ?? {});
    const sources = command.order.map(({ instanceId }) => {
      return [instanceId, { outputSourceId: world.random.uuid(), changedAt: undefined }] as const;
    });
    execution.run = { command, targets: new Map(sources), status: 'Pending', changedAt: undefined };
    const changed = (_command: Command, invocation: Invocation) => this.#changed(association, execution, invocation);
    if (command.order.length === 0) this.#tell(association, execution);
    else if (parameters !== undefined) commands.deliver(command, { changed, ended: () => undefined });
    else
      for (const invocation of command.order) {
        command.tally.move(invocation.details, 'Failed');
        invocation.details = 'Failed';
        changed(command, invocation);
      }
  }

  #command(definition: Definition, parameters: ParameterValues): Command {
    return newCommand(this.#on.world, this.#on.ec2, {
      ...outputOf(definition),
      document: findDocument(definition.Name ?? ''),
      parameters,
      instances: this.#instances(definition),
      targets: definition.Targets,
      maxConcurrency: definition.MaxConcurrency ?? '100%',
      // The API reference names no default; where none is set, no error stops the others.
      maxErrors: definition.MaxErrors ?? '100%',
    });
  }

  /** The managed instances that pass every target, whether their agents are connected or not. */
  #instances({ Targets: targets = [] }: Definition): readonly Instance[] {
    const tests = targets.map(tester);
    return managedInstances(this.#on.ec2).filter((instance) => tests.every((test) => test(instance)));
  }

  /** Undefined where a parameter that a reference names is there no more: then the execution fails. */
  #parameters({ Name: name = '', Parameters: given = {} }: Definition): ParameterValues | undefined {
    try {
      return substituteStored(checkedParameters(findDocument(name), given), (stored) =>
        this.#on.parameters.valueForCommand(stored),
      );
    } catch (error) {
      if (error instanceof AwsError && error.code === 'InvalidParameters') return undefined;
      throw error;
    }
  }

  #changed(association: Association, execution: AssociationExecution, invocation: Invocation): void {
    const { world } = this.#on;
    const { run } = execution;
    const target = run?.targets.get(invocation.instanceId);
    if (run === undefined || target === undefined) throw new Error(`no target ${invocation.instanceId}`);
    run.changedAt = target.changedAt = world.clock.now();
    targetChanged(world, association, execution, invocation);
    this.#tell(association, execution);
  }

  #tell(association: Association, execution: AssociationExecution): void {
    const { run } = execution;
    if (run === undefined) return;
    const status = overallStatus(run.command);
    if (status === run.status) return;
    run.status = status;
    associationChanged(this.#on.world, association, execution, run);
  }
}
