import type * as ssm from '@aws-sdk/client-ssm';
import { AwsError } from '../../core/aws-error.ts';
import { constraint } from '../../core/constraints.ts';
import { type Operation, operation, type Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { Ec2Store, Instance } from '../ec2/index.ts';
import { pageFrom } from './checks.ts';
import { isManaged, isReachable, lastPing } from './managed.ts';
import { tester } from './targets.ts';

const ping = (instance: Instance): ssm.PingStatus => (isReachable(instance) ? 'Online' : 'ConnectionLost');

type Filter = { readonly key: string; readonly values: readonly string[] };

const VALUES: ReadonlyMap<string, (instance: Instance, agentVersion: string) => string> = new Map([
  ['AgentVersion', (_instance: Instance, agentVersion: string) => agentVersion],
  ['IamRole', ({ instanceProfile }: Instance) => instanceProfile ?? ''],
  ['InstanceIds', ({ instanceId }: Instance) => instanceId],
  ['PingStatus', ping],
  ['PlatformTypes', ({ software }: Instance) => software.platform],
  ['ResourceType', () => 'EC2Instance'],
]);

/** DescribeInstanceInformation and GetConnectionStatus (API reference, 2014-11-06). */
export function instanceOperations(world: World, ec2: Ec2Store): Readonly<Record<string, Operation>> {
  const agentVersion = ({ imageId }: Instance) => ec2.images.get(imageId)?.agentVersion ?? '';

  const passing = ({ key, values }: Filter) => {
    if (key.startsWith('tag:') || key === 'tag-key') return tester({ Key: key, Values: [...values] });
    const valueOf = VALUES.get(key);
    if (valueOf === undefined) throw new AwsError('InvalidFilterKey', `The filter key ${key} is not valid.`);
    const wanted = new Set(values);
    return (instance: Instance) => wanted.has(valueOf(instance, agentVersion(instance)));
  };

  return {
    DescribeInstanceInformation: operation<
      ssm.DescribeInstanceInformationCommandInput,
      ssm.DescribeInstanceInformationCommandOutput
    >(
      (): Permission[] => [{ action: 'ssm:DescribeInstanceInformation', resource: '*' }],
      (input) => {
        const tests = filtersOf(input).map(passing);
        const passes = (instance: Instance) => isManaged(instance) && tests.every((test) => test(instance));
        const { items, NextToken } = pageFrom((place) => placed(ec2, passes, Number(place ?? 0)), input);
        return {
          InstanceInformationList: items.map((instance) => information(world, ec2, instance, agentVersion(instance))),
          // Empty on the last page, where other operations leave it out: "If there are no additional items to return, the
          // string is empty" (API reference).
          NextToken: NextToken ?? '',
        };
      },
    ),
    GetConnectionStatus: operation<ssm.GetConnectionStatusCommandInput, ssm.GetConnectionStatusCommandOutput>(
      ({ Target: target = '' }) => [
        {
          action: 'ssm:GetConnectionStatus',
          resource: `arn:aws:ec2:${world.region}:${world.account}:instance/${target}`,
        },
      ],
      ({ Target: target = '' }) => {
        const instance = ec2.instances.get(target);
        const connected = instance !== undefined && isManaged(instance) && isReachable(instance);
        return { Target: target, Status: connected ? 'connected' : 'notconnected' };
      },
    ),
  };
}

/** The instances that pass from a position on in the order of EC2, which keeps those that are gone. */
function* placed({ instances }: Ec2Store, passes: (instance: Instance) => boolean, from: number) {
  let position = 0;
  for (const instance of instances.values()) {
    if (position >= from && passes(instance)) yield [String(position), instance] as const;
    position++;
  }
}

/** Both forms of filters, which AWS does not let be mixed. */
function filtersOf({
  Filters: filters,
  InstanceInformationFilterList: old,
}: ssm.DescribeInstanceInformationCommandInput): readonly Filter[] {
  if (filters?.length && old?.length)
    throw new AwsError('ValidationException', 'Filters and InstanceInformationFilterList cannot be used together.');
  const all = [
    ...(filters ?? []).map(({ Key: key = '', Values: values = [] }) => ({ key, values })),
    ...(old ?? []).map(({ key = '', valueSet: values = [] }) => ({ key, values })),
  ];
  const empty = all.find(({ values }) => values.length === 0);
  if (empty !== undefined)
    throw constraint('[]', 'filters.1.member.values', 'Member must have length greater than or equal to 1');
  return all;
}

function information(world: World, ec2: Ec2Store, instance: Instance, agentVersion: string): ssm.InstanceInformation {
  const { platform, platformName, platformVersion } = instance.software;
  return {
    InstanceId: instance.instanceId,
    PingStatus: ping(instance),
    LastPingDateTime: new Date(lastPing(instance, world.clock.now())),
    AgentVersion: agentVersion,
    IsLatestVersion: false,
    PlatformType: platform,
    PlatformName: platformName,
    PlatformVersion: platformVersion,
    ResourceType: 'EC2Instance',
    IPAddress: instance.privateIp,
    ComputerName: ec2.hostname(instance),
    SourceId: instance.instanceId,
    SourceType: 'AWS::EC2::Instance',
  };
}
