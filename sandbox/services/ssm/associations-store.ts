import { AwsError, notImplemented } from '../../core/aws-error.ts';
import type { World } from '../../core/world.ts';
import { scheduleOf, unrunnable } from './associations-definition.ts';
import type { Association, AssociationExecution, Definition } from './associations-model.ts';
import type { Executor } from './associations-executor.ts';

/** The associations of the account, their versions and executions, and when they are due. */
export class Associations {
  readonly #world: World;
  readonly #executor: Executor;
  readonly #all = new Map<string, Association>();
  readonly #timers = new Map<string, () => void>();

  constructor(world: World, executor: Executor) {
    this.#world = world;
    this.#executor = executor;
  }

  /** In the order in which they were made. */
  get all(): readonly Association[] {
    return [...this.#all.values()];
  }

  arn(id: string): string {
    return `arn:aws:ssm:${this.#world.region}:${this.#world.account}:association/${id}`;
  }

  tagsOf(id: string): ReadonlyMap<string, string> {
    return this.#all.get(id)?.tags ?? new Map();
  }

  /** Throws AssociationDoesNotExist. */
  find(id: string): Association {
    const found = this.#all.get(id);
    if (found === undefined) throw new AwsError('AssociationDoesNotExist', 'The specified association does not exist.');
    return found;
  }

  /** What it is given is checked already. */
  create(definition: Definition, tags: ReadonlyMap<string, string>): Association {
    const now = this.#world.clock.now();
    const association: Association = {
      id: this.#world.random.uuid(),
      tags,
      createdAt: now,
      updatedAt: now,
      version: 1,
      definition,
      executions: [],
    };
    this.#all.set(association.id, association);
    this.#applied(association);
    return association;
  }

  update(association: Association, definition: Definition): void {
    association.version++;
    association.updatedAt = this.#world.clock.now();
    association.definition = definition;
    this.#applied(association);
  }

  delete(id: string): void {
    this.find(id);
    this.#all.delete(id);
    this.#disarm(id);
  }

  /** Runs each on all of its targets, or none where one cannot run here. Throws NotImplemented. */
  startAll(associations: readonly Association[]): void {
    for (const { definition } of associations) {
      const gap = unrunnable(definition);
      if (gap !== undefined) throw notImplemented(`executions of ${gap}`);
    }
    for (const association of associations) this.#start(association);
  }

  #start(association: Association): void {
    const { definition, version, executions } = association;
    const { clock, random } = this.#world;
    const createdAt = clock.now() + 100 + random.below(400);
    const execution: AssociationExecution = {
      id: random.uuid(),
      version,
      definition,
      createdAt,
      visibleAt: Math.max(createdAt, clock.now() + 500 + random.below(4501)),
      run: undefined,
    };
    executions.push(execution);
    clock.schedule(createdAt, () => {
      if (this.#all.has(association.id)) this.#executor.begin(association, execution);
    });
  }

  /** A new or changed association runs at once, unless it is to wait for its schedule; what cannot run waits to be refused. */
  #applied(association: Association): void {
    const { id, definition } = association;
    this.#disarm(id);
    this.#arm(association);
    if (definition.ApplyOnlyAtCronInterval !== true && unrunnable(definition) === undefined) this.#start(association);
  }

  #arm(association: Association): void {
    const { clock } = this.#world;
    const at = scheduleOf(association.definition, association.updatedAt)?.(clock.now());
    if (at === undefined) return;
    const due = (): void => {
      this.#arm(association);
      this.#start(association);
    };
    this.#timers.set(association.id, clock.recur(at, due));
  }

  #disarm(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }
}
