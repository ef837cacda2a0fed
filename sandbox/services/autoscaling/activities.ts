import type { World } from '../../core/world.ts';
import type { Activity, Group, Member } from './model.ts';

/** How many activities a group remembers: DescribeScalingActivities goes back six weeks. */
const KEPT = 2000;

const EVENTS = {
  'Launching a new EC2 instance': { name: 'EC2 Instance Launch', origin: 'EC2', destination: 'AutoScalingGroup' },
  'Terminating EC2 instance': { name: 'EC2 Instance Terminate', origin: 'AutoScalingGroup', destination: 'EC2' },
} as const;

type Doing = keyof typeof EVENTS;

/** The scaling activities of groups, with their events. Source: Auto Scaling User Guide, "Event reference". */
export class Activities {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  begin(group: Group, doing: Doing, cause: string, { instanceId, availabilityZone }: Member): Activity {
    return this.#add(group, `${doing}: ${instanceId}`, cause, availabilityZone);
  }

  /** An instance that could not be launched. */
  failedLaunch(group: Group, message: string, cause: string, zone: string): void {
    const doing = 'Launching a new EC2 instance';
    const activity = this.#add(group, doing, cause, zone);
    this.end(activity, 'Failed', message);
    this.#emit(group, doing, activity, undefined);
  }

  /** What is done as soon as it is asked for. */
  done(group: Group, description: string, cause: string): Activity {
    const activity = this.#add(group, description, cause, '');
    this.end(activity, 'Successful');
    return activity;
  }

  end(activity: Activity | undefined, status: 'Successful' | 'Failed' | 'Cancelled', message?: string): void {
    if (activity === undefined || activity.endTime !== undefined) return;
    activity.status = status;
    activity.statusMessage = message;
    activity.endTime = this.#world.clock.now();
  }

  /** Ends the activity of a member in success or failure, and tells EventBridge. */
  finish(group: Group, doing: Doing, member: Member, failure?: string): void {
    const { activity, instanceId } = member;
    member.activity = undefined;
    if (activity === undefined || activity.endTime !== undefined) return;
    this.end(activity, failure === undefined ? 'Successful' : 'Failed', failure);
    this.#emit(group, doing, activity, instanceId);
  }

  #add(group: Group, description: string, cause: string, zone: string): Activity {
    const now = this.#world.clock.now();
    const at = `${new Date(now).toISOString().slice(0, 19)}Z`;
    const activity: Activity = {
      id: this.#world.random.uuid(),
      description,
      cause: `At ${at} ${cause}`,
      startTime: now,
      details: JSON.stringify({ 'Availability Zone': zone }),
      status: 'InProgress',
      statusMessage: undefined,
      endTime: undefined,
    };
    group.activities.push(activity);
    if (group.activities.length > KEPT) group.activities.splice(0, KEPT / 2);
    return activity;
  }

  #emit(group: Group, doing: Doing, activity: Activity, instanceId: string | undefined): void {
    const { name, origin, destination } = EVENTS[doing];
    const { account, region } = this.#world;
    const succeeded = activity.status === 'Successful';
    const arns = instanceId === undefined ? [] : [`arn:aws:ec2:${region}:${account}:instance/${instanceId}`];
    this.#world.emit({
      source: 'aws.autoscaling',
      'detail-type': `${name} ${succeeded ? 'Successful' : 'Unsuccessful'}`,
      resources: [group.arn, ...arns],
      detail: {
        StatusCode: succeeded ? 'InProgress' : 'Failed',
        AutoScalingGroupName: group.name,
        ActivityId: activity.id,
        Details: JSON.parse(activity.details) as unknown,
        RequestId: activity.id,
        StatusMessage: activity.statusMessage ?? '',
        EndTime: new Date(activity.endTime ?? activity.startTime).toISOString(),
        EC2InstanceId: instanceId ?? '',
        StartTime: new Date(activity.startTime).toISOString(),
        Cause: activity.cause,
        Origin: origin,
        Destination: destination,
        Description: activity.description,
      },
    });
  }
}
