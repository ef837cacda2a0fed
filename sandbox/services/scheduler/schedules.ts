import type { CreateScheduleInput } from '@aws-sdk/client-scheduler';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import type { World } from '../../core/world.ts';
import { checkTarget } from './target.ts';
import { type Times, timesOf } from './times.ts';

export interface Schedule {
  readonly arn: string;
  readonly group: string;
  readonly name: string;
  readonly definition: CreateScheduleInput;
  readonly times: Times;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export interface Group {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
}

/** Invokes the target of a schedule that is due. */
export type Invoke = (schedule: Schedule, scheduledAt: number) => void;

const DEFAULT_GROUP = 'default';
const MEMBERS = [
  ...['Name', 'GroupName', 'Description', 'ClientToken', 'State', 'ActionAfterCompletion', 'FlexibleTimeWindow'],
  ...['ScheduleExpression', 'ScheduleExpressionTimezone', 'StartDate', 'EndDate', 'Target'],
];

const conflict = (what: string): AwsError => new AwsError('ConflictException', `${what} already exists.`, 409);
const missing = (what: string): AwsError => new AwsError('ResourceNotFoundException', `${what} does not exist.`, 404);

/** The schedules of the account by group and name, and the timers that make them due. */
export class Schedules {
  readonly #world: World;
  readonly #invoke: Invoke;
  readonly #groups = new Map<string, Group>();
  readonly #schedules = new Map<string, Schedule>();
  readonly #timers = new Map<string, () => void>();

  constructor(world: World, invoke: Invoke) {
    this.#world = world;
    this.#invoke = invoke;
    this.createGroup(DEFAULT_GROUP);
  }

  arn(name = '', group: string = DEFAULT_GROUP): string {
    return `arn:aws:scheduler:${this.#world.region}:${this.#world.account}:schedule/${group}/${name}`;
  }

  groupArn(name = ''): string {
    return `arn:aws:scheduler:${this.#world.region}:${this.#world.account}:schedule-group/${name}`;
  }

  all(): readonly Schedule[] {
    return [...this.#schedules.values()].sort((a, b) => (a.arn < b.arn ? -1 : 1));
  }

  groups(): readonly Group[] {
    return [...this.#groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws AwsError ResourceNotFoundException */
  get(name = '', group: string = DEFAULT_GROUP): Schedule {
    this.group(group);
    const schedule = this.#schedules.get(this.arn(name, group));
    if (schedule === undefined) throw missing(`Schedule ${name}`);
    return schedule;
  }

  /** @throws AwsError ResourceNotFoundException */
  group(name = ''): Group {
    const group = this.#groups.get(name);
    if (group === undefined) throw missing(`Schedule group ${name}`);
    return group;
  }

  /** @throws AwsError ConflictException, ValidationException */
  createGroup(name = ''): Group {
    checkName(name);
    if (this.#groups.has(name)) throw conflict(`Schedule group ${name}`);
    const group = { arn: this.groupArn(name), name, createdAt: this.#world.clock.now() };
    this.#groups.set(name, group);
    return group;
  }

  /** Deletes a group with its schedules. */
  deleteGroup(name = ''): void {
    if (name === DEFAULT_GROUP)
      throw new AwsError('ValidationException', 'The default schedule group cannot be deleted.');
    this.group(name);
    for (const schedule of this.all()) if (schedule.group === name) this.#remove(schedule);
    this.#groups.delete(name);
  }

  /** The same client token again gives the schedule that is there. @throws AwsError ConflictException, ValidationException */
  create(definition: CreateScheduleInput): Schedule {
    const { Name: name = '', GroupName: group = DEFAULT_GROUP, ClientToken: token } = definition;
    checkName(name);
    this.group(group);
    const present = this.#schedules.get(this.arn(name, group));
    if (present === undefined) return this.#put(definition, this.#world.clock.now());
    if (token !== undefined && present.definition.ClientToken === token) return present;
    throw conflict(`Schedule ${name}`);
  }

  /** Puts a definition in place of another; what it leaves out is as if it had never been there. */
  update(definition: CreateScheduleInput): Schedule {
    return this.#put(definition, this.get(definition.Name, definition.GroupName).createdAt);
  }

  delete(name: string | undefined, group: string | undefined): void {
    this.#remove(this.get(name, group));
  }

  /** Lets no schedule be due any more, until it is updated. */
  hold(): void {
    for (const arn of this.#schedules.keys()) this.#disarm(arn);
  }

  #put(definition: CreateScheduleInput, createdAt: number): Schedule {
    only('scheduler:CreateSchedule', definition, MEMBERS);
    const {
      Name: name = '',
      GroupName: group = DEFAULT_GROUP,
      FlexibleTimeWindow: window,
      Target: target,
    } = definition;
    if (window?.Mode !== 'OFF') throw notImplemented(`the FlexibleTimeWindow mode ${window?.Mode ?? ''}`);
    if (target !== undefined) checkTarget(target);
    const now = this.#world.clock.now();
    const times = timesOf({
      expression: definition.ScheduleExpression ?? '',
      timeZone: definition.ScheduleExpressionTimezone,
      startDate: definition.StartDate,
      endDate: definition.EndDate,
      now,
    });
    const arn = this.arn(name, group);
    const schedule: Schedule = { arn, group, name, definition, times, createdAt, modifiedAt: now };
    this.#schedules.set(arn, schedule);
    this.#disarm(arn);
    if (definition.State !== 'DISABLED') this.#arm(schedule, now - 1);
    return schedule;
  }

  #arm(schedule: Schedule, after: number): void {
    const { clock } = this.#world;
    const at = schedule.times.next(after);
    if (at === undefined) return;
    const due = (): void => {
      this.#timers.delete(schedule.arn);
      this.#invoke(schedule, at);
      if (schedule.times.next(at) !== undefined) this.#arm(schedule, at);
      else if (schedule.definition.ActionAfterCompletion === 'DELETE') this.#remove(schedule);
    };
    this.#timers.set(schedule.arn, schedule.times.recurring ? clock.recur(at, due) : clock.schedule(at, due));
  }

  #disarm(arn: string): void {
    this.#timers.get(arn)?.();
    this.#timers.delete(arn);
  }

  #remove({ arn }: Schedule): void {
    this.#disarm(arn);
    this.#schedules.delete(arn);
  }
}

function checkName(name: string): void {
  if (/^[\w.-]{1,64}$/u.test(name)) return;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$`,
  );
}
