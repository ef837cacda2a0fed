import { notImplemented } from './aws-error.ts';
import type { Permission } from './service.ts';
import type { World } from './world.ts';

/**
 * What a caller must be allowed to do with the key of an encrypted resource, given as its ARN or id. The keys that AWS
 * manages (`alias/aws/sns`) let every caller of their service use them. @throws AwsError NotImplemented for other aliases
 */
export function keyPermissions(
  { account, region }: Pick<World, 'account' | 'region'>,
  key: string | undefined,
  actions: readonly string[],
): readonly Permission[] {
  if (key === undefined || key.startsWith('alias/aws/')) return [];
  if (key.includes('alias/')) throw notImplemented(`keys named by alias (${key})`);
  const resource = key.startsWith('arn:') ? key : `arn:aws:kms:${region}:${account}:key/${key}`;
  return actions.map((action) => ({ action, resource }));
}
