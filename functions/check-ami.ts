import { DescribeImagesCommand, EC2ServiceException, type Image } from '@aws-sdk/client-ec2';
import * as z from './lib/zod.ts';
import { ec2Client, kmsClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { AmiNotUsable } from './lib/errors.ts';
import { secondsBetween, waitSeconds } from './lib/polling.ts';
import { keysOf } from './lib/rollout/image-keys.ts';
import { Rollout } from './lib/schemas/ami-rollout-run.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { task } from './lib/task.ts';

const { SERVICE_LINKED_ROLE_ARN } = readEnv({ SERVICE_LINKED_ROLE_ARN: z.string().check(z.minLength(1)) });
const clients = { ec2: ec2Client(), kms: kmsClient() };

/** A copy of a large AMI may be pending for as long. */
const PENDING_SECONDS = 3600;

export const Input = z.strictObject({ execution: Execution, rollout: Rollout, startedAt: Timestamp, now: Timestamp });
const Usable = z.strictObject({ status: z.literal('Usable'), warnings: z.array(z.string()) });
const Pending = z.strictObject({ status: z.literal('Pending'), waitSeconds: z.int() });
export const Output = z.discriminatedUnion('status', [Usable, Pending]);
type Output = z.infer<typeof Output>;

/**
 * Says whether an AMI can be launched from at all: it exists for this account, is available, has a root volume, and is
 * under keys that may be used. Whether it fits a target is said by the plan. Throws AmiNotUsable.
 * Source: EC2 DescribeImages.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ rollout }) => rollout.imageId },
  async ({ rollout: { imageId }, startedAt, now }): Promise<Output> => {
    const image = await describe(imageId);
    if (image.State === 'pending') {
      const elapsedSeconds = secondsBetween(startedAt, now);
      const seconds = waitSeconds({ elapsedSeconds, deadlineSeconds: PENDING_SECONDS });
      if (seconds !== undefined) return { status: 'Pending', waitSeconds: seconds };
    }
    const { problems, warnings } = await findings(image);
    if (problems.length > 0) throw new AmiNotUsable(`${imageId} cannot be rolled out: ${problems.join('; ')}.`);
    return { status: 'Usable', warnings: [...warnings] };
  },
);

async function describe(imageId: string): Promise<Image> {
  try {
    const { Images: [image] = [] } = await clients.ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
    if (image !== undefined) return image;
  } catch (error) {
    if (!(error instanceof EC2ServiceException && error.name.startsWith('InvalidAMIID'))) throw error;
  }
  throw new AmiNotUsable(
    `${imageId} does not exist in this region, or is not shared with this account. ` +
      `To look: aws ec2 describe-images --image-ids ${imageId}`,
  );
}

async function findings(image: Image): Promise<{ readonly problems: string[]; readonly warnings: readonly string[] }> {
  const problems: string[] = [];
  if (image.State !== 'available') problems.push(`it is ${image.State ?? 'in an unknown state'}`);
  if (image.RootDeviceType !== 'ebs') problems.push('its root is an instance store');
  const keys = await keysOf(clients, image, SERVICE_LINKED_ROLE_ARN);
  const warnings = image.DeprecationTime === undefined ? [] : deprecation(image.DeprecationTime);
  return { problems: [...problems, ...keys.problems], warnings: [...warnings, ...keys.warnings] };
}

const deprecation = (at: string): string[] => [`AmiDeprecates: the AMI is, or will be, deprecated at ${at}.`];
