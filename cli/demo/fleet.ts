import { DescribeInstancesCommand, type EC2Client, type Instance } from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand, type SSMClient } from '@aws-sdk/client-ssm';

const GATE_TAG = 'SSMRunAllowed';

/** An instance as the demo tells about it. */
export interface Machine {
  readonly instanceId: string;
  readonly name: string;
  readonly running: boolean;
  readonly allowed: boolean;
  readonly ping: string;
  readonly platform: string;
}

const tagOf = ({ Tags = [] }: Instance, key: string): string | undefined => Tags.find(({ Key }) => Key === key)?.Value;

async function pings(ssm: SSMClient): Promise<Map<string, string>> {
  const { InstanceInformationList = [] } = await ssm.send(new DescribeInstanceInformationCommand({ MaxResults: 50 }));
  return new Map(InstanceInformationList.map(({ InstanceId = '', PingStatus = '' }) => [InstanceId, PingStatus]));
}

/** The machines of a small fleet, as EC2 and SSM describe them. */
export async function describeFleet(ec2: EC2Client, ssm: SSMClient): Promise<Machine[]> {
  const [{ Reservations = [] }, pingOf] = await Promise.all([ec2.send(new DescribeInstancesCommand({})), pings(ssm)]);
  return Reservations.flatMap(({ Instances = [] }) => Instances).map((instance) => ({
    instanceId: instance.InstanceId ?? '',
    name: tagOf(instance, 'Name') ?? '',
    running: instance.State?.Name === 'running',
    allowed: tagOf(instance, GATE_TAG) === 'true',
    ping: pingOf.get(instance.InstanceId ?? '') ?? 'never',
    platform: instance.PlatformDetails ?? '',
  }));
}

/** The first machine that `fits`; an error that says which kind of machine the fleet lacks. */
export function pick(fleet: readonly Machine[], kind: string, fits: (machine: Machine) => boolean): Machine {
  const found = fleet.find(fits);
  if (found === undefined) throw new Error(`the demo's fleet has no ${kind} instance`);
  return found;
}
