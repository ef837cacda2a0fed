import { AwsError } from '../../core/aws-error.ts';
import type { Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { launchOptions } from './configuration.ts';
import type { Groups } from './groups.ts';
import type { Machines } from './machines.ts';
import type { Configuration, Group } from './model.ts';

type Context = NonNullable<Permission['context']>;

/** The operations that describe need their action on `*`. */
export const anywhere = (action: string) => (): Permission[] => [{ action: `autoscaling:${action}`, resource: '*' }];

/** What IAM must allow for the operations on groups (Service Authorization Reference, Amazon EC2 Auto Scaling). */
export class GroupPermissions {
  readonly #world: World;
  readonly #groups: Groups;
  readonly #machines: Machines;

  constructor(world: World, groups: Groups, machines: Machines) {
    this.#world = world;
    this.#groups = groups;
    this.#machines = machines;
  }

  /** On a group by its name, with its tags. */
  on(action: string, name: string | undefined, context: Context = {}): Permission[] {
    const { account, region } = this.#world;
    const group = this.#groups.find(name);
    const unknown = `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:*:autoScalingGroupName/${name ?? '*'}`;
    return [
      {
        action: `autoscaling:${action}`,
        resource: group?.arn ?? unknown,
        context: { ...(group === undefined ? {} : tagContext(group)), ...context },
      },
    ];
  }

  /** On the group of an instance. */
  onInstance(action: string, instanceId: string | undefined): Permission[] {
    return this.on(action, this.#groups.groupOf(instanceId ?? '')?.name);
  }

  /**
   * What a dry run of RunInstances asks for, which Auto Scaling makes as the caller (guide: "Permissions validation for
   * ec2:RunInstances and iam:PassRole"). A template that there is not asks for nothing: the request is refused.
   */
  toLaunch(configuration: Configuration): Permission[] {
    try {
      return launchOptions(configuration).flatMap((option) => this.#machines.launchPermissions(option));
    } catch (error) {
      if (error instanceof AwsError) return [];
      throw error;
    }
  }
}

function tagContext({ tags }: Group): Context {
  return Object.fromEntries(
    [...tags].flatMap(([key, { value }]) => [
      [`autoscaling:ResourceTag/${key}`, value],
      [`aws:ResourceTag/${key}`, value],
    ]),
  );
}

/** The tags that a request brings, as condition keys. */
export function requestTags(tags: readonly { readonly Key?: string; readonly Value?: string }[] | undefined): Context {
  if (tags === undefined || tags.length === 0) return {};
  return {
    ...Object.fromEntries(tags.map(({ Key: key = '', Value: value = '' }) => [`aws:RequestTag/${key}`, value])),
    'aws:TagKeys': tags.map(({ Key: key = '' }) => key),
  };
}
