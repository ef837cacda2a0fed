import {
  RunInstancesCommand,
  type EC2Client,
  type RunInstancesCommandInput,
  type _InstanceType,
} from '@aws-sdk/client-ec2';
import { EC2ServiceException } from '@aws-sdk/client-ec2';
import { ImageDoesNotFit } from '../errors.ts';
import type { GroupState } from '../groups/group.ts';
import { typesOf } from '../groups/refusal.ts';
import type { ResolvedTemplate } from '../groups/templates.ts';

/**
 * Asks EC2 whether it would launch what a group is going to launch, and launches nothing. A group that chooses its instance
 * types by their attributes has none to ask with. Throws ImageDoesNotFit. Source: EC2 RunInstances, DryRun.
 */
export async function dryRun(
  ec2: EC2Client,
  group: GroupState,
  template: ResolvedTemplate,
  version: string,
): Promise<void> {
  for (const type of new Set(typesOf(template))) {
    try {
      await ec2.send(
        new RunInstancesCommand({
          DryRun: true,
          MinCount: 1,
          MaxCount: 1,
          LaunchTemplate: { LaunchTemplateId: template.launchTemplateId, Version: version },
          InstanceType: type as _InstanceType,
          ...inSubnet(group, template),
        }),
      );
    } catch (error) {
      if (!(error instanceof EC2ServiceException) || error.name === 'DryRunOperation') continue;
      throw isRefusal(error) ? refusal(error, `${template.launchTemplateId} on ${type}`) : error;
    }
  }
}

/** A template leaves the subnet to the group, and says the groups of its network interface where it has one. */
function inSubnet(
  { subnetIds: [SubnetId] }: GroupState,
  { data }: ResolvedTemplate,
): Partial<RunInstancesCommandInput> {
  if (SubnetId === undefined) return {};
  const { NetworkInterfaces = [] } = data;
  if (NetworkInterfaces.length === 0) return { SubnetId };
  return {
    NetworkInterfaces: NetworkInterfaces.map(({ DeviceIndex, Groups, AssociatePublicIpAddress }) => ({
      DeviceIndex,
      Groups,
      AssociatePublicIpAddress,
      SubnetId,
    })),
  };
}

function isRefusal({ name, $metadata: { httpStatusCode: status = 0 } }: EC2ServiceException): boolean {
  return status >= 400 && status < 500 && !/Throttl|RequestLimitExceeded|UnauthorizedOperation|AuthFailure/.test(name);
}

const refusal = ({ name, message }: EC2ServiceException, what: string): ImageDoesNotFit =>
  new ImageDoesNotFit(`EC2 would not launch ${what}: ${name}: ${message}`);
