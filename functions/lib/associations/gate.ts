import type { EC2Client } from '@aws-sdk/client-ec2';
import type { AssociationDescription, SSMClient } from '@aws-sdk/client-ssm';
import { readEnv } from '../env.ts';
import { TargetNotAllowed } from '../errors.ts';
import { exclusionOf, type Exclusions, type TaggedInstance } from '../exclusions.ts';
import { readExclusions } from '../exclusions-reader.ts';
import * as z from '../zod.ts';
import { describeInstances, targetedNodes } from './resolve-targets.ts';

/** How many of the targets that may not be touched are named. */
const MOST_NAMED = 50;

const { TAG_KEY, TAG_VALUE } = readEnv({ TAG_KEY: z.string().check(z.minLength(1)), TAG_VALUE: z.string() });

/**
 * The instances on which an association would run now, sorted; StartAssociationsOnce runs on all of them, so all must be
 * allowed. Throws TargetNotAllowed, which names those that are not, and ExclusionsUnreadable.
 */
export async function allowedTargets(
  { ec2, ssm }: { readonly ec2: EC2Client; readonly ssm: SSMClient },
  association: AssociationDescription,
): Promise<string[]> {
  const exclusions = await readExclusions(ssm);
  const ids = await targetedNodes(ssm, association);
  const instances = await describeInstances(ec2, ids);
  const refused = ids.flatMap((id) => {
    const reason = refusal(instances.get(id), exclusions);
    return reason === undefined ? [] : [`${id} ${reason}`];
  });
  if (refused.length > 0) throw notAllowed(association, refused);
  return ids;
}

function refusal(instance: TaggedInstance | undefined, exclusions: readonly Exclusions[]): string | undefined {
  if (instance === undefined) return 'is no EC2 instance of this account and region';
  const tag = instance.Tags?.find(({ Key }) => Key === TAG_KEY);
  if (tag?.Value !== TAG_VALUE) return `is not tagged ${TAG_KEY}=${TAG_VALUE}`;
  return exclusionOf(instance, exclusions);
}

/** Says which targets keep an association from being run. */
export function notAllowed(
  { AssociationId: id }: AssociationDescription,
  refused: readonly string[],
): TargetNotAllowed {
  const named = refused.slice(0, MOST_NAMED);
  const more = refused.length > named.length ? `; and ${refused.length - named.length} more` : '';
  return new TargetNotAllowed(
    `Association ${id} would run on targets that must not be touched: ${named.join('; ')}${more}. Nothing was started`,
  );
}
