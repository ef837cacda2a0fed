import { AwsError } from '../../core/aws-error.ts';
import type { World } from '../../core/world.ts';
import { Activities } from './activities.ts';
import type { Groups } from './groups.ts';
import type { Machines } from './machines.ts';
import { machineRequest, newMember } from './members.ts';
import { activeRefresh, type Group, type Member } from './model.ts';
import { nextZone } from './zones.ts';

const DAY = 86_400_000;
const FIRST_RETRY = 30_000;
const LAST_RETRY = 900_000;

/** Launches and terminates the instances of groups, each as a scaling activity. */
export class Scaling {
  readonly activities: Activities;
  readonly #world: World;
  readonly #machines: Machines;
  readonly #groups: Groups;

  constructor(world: World, machines: Machines, groups: Groups) {
    this.#world = world;
    this.#machines = machines;
    this.#groups = groups;
    this.activities = new Activities(world);
  }

  /** Launches so many, as far as EC2 lets it; says whether all were launched. */
  launch(group: Group, count: number, cause: string): boolean {
    for (let number = 0; number < count; number++) if (!this.#launchOne(group, cause)) return false;
    return true;
  }

  #launchOne(group: Group, cause: string): boolean {
    const zone = nextZone(group);
    try {
      const member = this.#started(group, zone);
      member.activity = this.activities.begin(group, 'Launching a new EC2 instance', cause, member);
      this.#groups.join(group, member);
      activeRefresh(group)?.launched.add(member.instanceId);
      return true;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.activities.failedLaunch(group, `${error.message} Launching EC2 instance failed.`, cause, zone);
      this.#backOff(group);
      return false;
    }
  }

  #started(group: Group, availabilityZone: string): Member {
    const request = machineRequest(group, this.#machines, availabilityZone);
    const instanceId = this.#machines.launch(request);
    return newMember(group, request, instanceId, {
      imageId: this.#machines.imageOf(instanceId),
      launchedAt: this.#world.clock.now(),
    });
  }

  /** A launch has come to its end: the instance runs. */
  arrived(group: Group, member: Member): void {
    member.lifecycle = 'InService';
    member.inServiceAt = this.#world.clock.now();
    group.failing = undefined;
    this.activities.finish(group, 'Launching a new EC2 instance', member);
  }

  /** A launch that EC2 has taken and not carried out. */
  lost(group: Group, member: Member, reason: string): void {
    this.activities.finish(group, 'Launching a new EC2 instance', member, reason);
    group.members.delete(member.instanceId);
    this.#backOff(group);
  }

  /** A group that fails to launch for a day has its launches suspended (guide: administrative suspension). */
  #backOff(group: Group): void {
    const now = this.#world.clock.now();
    if (group.failing !== undefined && group.failing.retryAt > now) return;
    const { since, count } = group.failing ?? { since: now, count: 0 };
    const wait = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** count);
    group.failing = { since, count: count + 1, retryAt: now + wait };
    if (now - since < DAY) return;
    group.suspended.set('Launch', 'Administrative suspension: launches have failed for more than 24 hours');
    group.failing = undefined;
  }

  terminate(group: Group, member: Member, cause: string): void {
    if (member.lifecycle === 'Terminating') return;
    this.activities.end(member.activity, 'Cancelled');
    member.lifecycle = 'Terminating';
    member.activity = this.activities.begin(group, 'Terminating EC2 instance', cause, member);
    this.#machines.terminate(member.instanceId);
  }
}
