import { AwsError } from '../../core/aws-error.ts';
import type { World } from '../../core/world.ts';
import { invalid } from './errors.ts';
import { type Group, inServiceOf, type Member } from './model.ts';

/** What a group is made with; its ARN, its time and what happens to it come by themselves. */
export type NewGroup = Omit<
  Group,
  'arn' | 'createdTime' | 'deleting' | 'members' | 'suspended' | 'activities' | 'refreshes' | 'failing'
>;

/** The Auto Scaling groups of the account by name. */
export class Groups {
  readonly #world: World;
  readonly #groups = new Map<string, Group>();
  /** By instance, those that have left included. */
  readonly #owners = new Map<string, Group>();

  constructor(world: World) {
    this.#world = world;
  }

  create(group: NewGroup, createdTime = this.#world.clock.now()): Group {
    if (this.#groups.has(group.name))
      throw new AwsError(
        'AlreadyExists',
        `AutoScalingGroup by this name already exists - A group with the name ${group.name} already exists`,
      );
    const { account, region, random } = this.#world;
    const made: Group = {
      ...group,
      arn: `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:${random.uuid()}:autoScalingGroupName/${group.name}`,
      createdTime,
      deleting: false,
      members: new Map(),
      suspended: new Map(),
      activities: [],
      refreshes: [],
      failing: undefined,
    };
    this.#groups.set(made.name, made);
    return made;
  }

  find(name: string | undefined): Group | undefined {
    return this.#groups.get(name ?? '');
  }

  /** @throws AwsError ValidationError for a group that there is not, or that is being deleted */
  get(name: string | undefined): Group {
    const group = this.find(name);
    if (group === undefined)
      throw invalid(`AutoScalingGroup name not found - AutoScalingGroup ${name ?? ''} not found`);
    if (group.deleting)
      throw invalid(`AutoScalingGroup name not found - AutoScalingGroup ${group.name} is being deleted`);
    return group;
  }

  /** The member of that id and its group. @throws AwsError ValidationError */
  member(instanceId: string | undefined): { readonly group: Group; readonly member: Member } {
    const group = this.groupOf(instanceId ?? '');
    const member = group?.members.get(instanceId ?? '');
    if (group === undefined || member === undefined)
      throw invalid(`Instance Id not found - No managed instance found for instance ID: ${instanceId ?? ''}`);
    return { group, member };
  }

  /** The members of a group by id. @throws AwsError ValidationError for an instance of no group or of another */
  membersOf(group: Group, instanceIds: readonly string[] | undefined): Member[] {
    return (instanceIds ?? []).map((id) => {
      const member = group.members.get(id);
      if (member === undefined) throw invalid(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
      return member;
    });
  }

  join(group: Group, member: Member): void {
    group.members.set(member.instanceId, member);
    this.#owners.set(member.instanceId, group);
  }

  /** The group that an instance is a member of. */
  groupOf(instanceId: string): Group | undefined {
    const group = this.#owners.get(instanceId);
    if (group?.members.has(instanceId) === true) return group;
    this.#owners.delete(instanceId);
    return undefined;
  }

  all(): Group[] {
    return [...this.#groups.values()];
  }

  remove(group: Group): void {
    // Another group may have the name by now.
    if (this.find(group.name) === group) this.#groups.delete(group.name);
  }

  /** How many instances of a group are in service and healthy. */
  inService(name: string): number {
    return inServiceOf(this.get(name));
  }
}
