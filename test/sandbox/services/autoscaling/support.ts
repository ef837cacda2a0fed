import type {
  AutoScalingGroup,
  CreateAutoScalingGroupType,
  Instance,
  InstanceRefresh,
  StartInstanceRefreshType,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../../../sandbox/core/aws-error.ts';
import type { Authorize } from '../../../../sandbox/core/dispatcher.ts';
import type { AlarmState } from '../../../../sandbox/services/autoscaling/machines.ts';
import type { Instance as Machine } from '../../../../sandbox/services/ec2/index.ts';
import { amiId, AMI, imageWorld } from '../ec2/support.ts';
import { caller } from '../../support/service.ts';

export const GROUP = 'web';
export const TEMPLATE = 'web-template';
export const [GOOD, BAD] = [amiId(1), amiId(2)];
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

interface Options {
  readonly seed?: number;
  readonly alarmState?: AlarmState;
  readonly authorize?: Authorize;
}

/**
 * EC2 with a launch template of three versions (of an AMI that is in use, a good one, a bad one) and Auto Scaling.
 */
export async function groupWorld(options: Options = {}) {
  const on = await imageWorld({ good: { id: GOOD }, bad: { id: BAD } }, options);
  const { world, ec2, clock, autoscaling } = on;
  ec2.setDefect(BAD, 'fails-health-checks');
  const data = { InstanceType: 't3.small' as const };
  const template = ec2.templates.create({ name: TEMPLATE, data: { ...data, ImageId: AMI }, createdBy: 'test' });
  for (const ImageId of [GOOD, BAD])
    ec2.templates.addVersion(template, { data: { ...data, ImageId }, createdBy: 'test' });
  const call = caller(world, 'autoscaling');

  async function failure(operation: string, input: object = {}): Promise<string> {
    try {
      await call(operation, input);
    } catch (error) {
      if (error instanceof AwsError) return `${error.code}: ${error.message}`;
      throw error;
    }
    throw new Error(`${operation} did not fail`);
  }
  async function describe(name = GROUP): Promise<AutoScalingGroup> {
    const {
      AutoScalingGroups: [group],
    } = await call<{ AutoScalingGroups: AutoScalingGroup[] }>('DescribeAutoScalingGroups', {
      AutoScalingGroupNames: [name],
    });
    if (group === undefined) throw new Error(`no group ${name}`);
    return group;
  }
  const instances = async (name = GROUP): Promise<Instance[]> => (await describe(name)).Instances ?? [];

  /** A group of so many with nothing special, whose instances have been running for long. */
  async function group(size: number, input: Partial<CreateAutoScalingGroupType> = {}): Promise<void> {
    await call('CreateAutoScalingGroup', {
      AutoScalingGroupName: GROUP,
      LaunchTemplate: { LaunchTemplateName: TEMPLATE, Version: '1' },
      MinSize: 0,
      MaxSize: 2 * size,
      DesiredCapacity: size,
      AvailabilityZones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
      HealthCheckGracePeriod: 60,
      ...input,
    });
    await clock.runFor(HOUR);
  }

  /** Starts a refresh to a version of the template. */
  async function start(version: string, preferences: StartInstanceRefreshType['Preferences'] = {}): Promise<string> {
    const { InstanceRefreshId: id } = await call<{ InstanceRefreshId: string }>('StartInstanceRefresh', {
      AutoScalingGroupName: GROUP,
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateName: TEMPLATE, Version: version } },
      Preferences: preferences,
    });
    return id;
  }
  async function refresh(): Promise<InstanceRefresh> {
    const {
      InstanceRefreshes: [latest],
    } = await call<{ InstanceRefreshes: InstanceRefresh[] }>('DescribeInstanceRefreshes', {
      AutoScalingGroupName: GROUP,
    });
    if (latest === undefined) throw new Error('no refresh');
    return latest;
  }
  /** Lets time run until the refresh has ended, and answers it. */
  async function ended(): Promise<InstanceRefresh> {
    for (let hours = 0; hours < 24 * 15; hours++) {
      const latest = await refresh();
      if (latest.EndTime !== undefined) return latest;
      await clock.runFor(HOUR);
    }
    throw new Error('the refresh does not end');
  }
  const machine = (instance: Instance | undefined): Machine => {
    const found = ec2.instances.get(instance?.InstanceId ?? '');
    if (found === undefined) throw new Error('no such machine');
    return found;
  };
  const images = async (name = GROUP): Promise<Record<string, number>> => {
    const all = (await instances(name)).filter(({ LifecycleState: state }) => state !== 'Terminating');
    const counted = Map.groupBy(all, ({ InstanceId: id = '' }) => ec2.instances.get(id)?.imageId ?? '');
    return Object.fromEntries([...counted].map(([image, those]) => [image, those.length]));
  };
  const refreshEvents = (): string[] =>
    world.events
      .map(({ 'detail-type': type }) => type)
      .filter((type) => type.includes('Refresh'))
      .map((type) => type.replace('EC2 Auto Scaling Instance Refresh ', ''));

  return {
    ...{ world, clock, ec2, ssm: on.ssm, template, autoscaling, call, failure, describe, instances, images, bad: BAD },
    ...{ group, start, refresh, ended, machine, refreshEvents },
  };
}

export type GroupWorld = Awaited<ReturnType<typeof groupWorld>>;

/** What `sample` gives, at each change of the clock until nothing more happens or the refresh has ended. */
export async function sampledUntilEnd<T>(on: GroupWorld, sample: () => T): Promise<T[]> {
  const samples: T[] = [];
  let finished = false;
  await on.clock.runUntil(() => {
    samples.push(sample());
    finished ||= on
      .refreshEvents()
      .some((event) => /^(?:Succeeded|Failed|Cancelled|Rollback (?:Succeeded|Failed))$/.test(event));
    return finished;
  });
  return samples;
}
