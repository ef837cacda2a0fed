import * as z from 'zod';
import type { PolicyDocument } from '../../core/resource-policies.ts';
import { provisioner, type Provisioners } from '../../core/resources.ts';
import type { Caller, Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { Iam } from '../iam/index.ts';
import { Keys } from './keys.ts';
import { keyOperations } from './operations.ts';

export type { Keys } from './keys.ts';

export interface Kms {
  readonly service: Service;
  readonly resources: Provisioners;
  readonly keys: Keys;
  /**
   * Whether a principal by its ARN, which needs no identity policies for it, may do all of this with a key now: the key
   * is enabled, and its policy or grants say so. For service-linked roles, whose policies say nothing of keys.
   */
  readonly mayUse: (principalArn: string, key: string, actions: readonly string[]) => Promise<boolean>;
}

/** AWS Key Management Service (version 2014-11-01): keys with policies, grants and aliases; nothing is encrypted. */
export function createKms(world: World, iam: Pick<Iam, 'refusal'>): Kms {
  const keys = new Keys(world);
  const mayUse: Kms['mayUse'] = async (principalArn, reference, actions) => {
    const key = keys.find(reference);
    if (key?.state !== 'Enabled') return false;
    if (key.manager === 'AWS') return true;
    const caller: Caller = { kind: 'service', arn: principalArn };
    const context = {
      'aws:PrincipalArn': principalArn,
      'aws:PrincipalAccount': world.account,
      'aws:PrincipalIsAWSService': 'false',
      'aws:ResourceAccount': key.account,
      'kms:CallerAccount': world.account,
      'kms:GrantIsForAWSResource': 'true',
    };
    // A grant is enough by itself, in another account too, where a policy would need one of the principal's beside it.
    const granted = key.grants
      .filter(({ granteePrincipal }) => granteePrincipal === principalArn)
      .flatMap(({ operations }) => operations.map((operation) => `kms:${operation}`));
    for (const action of actions.filter((each) => !granted.includes(each)))
      if ((await iam.refusal(caller, { action, resource: key.arn, context })) !== undefined) return false;
    return true;
  };
  return {
    service: { id: 'kms', operations: keyOperations(world, keys) },
    resources: keyResources(keys),
    keys,
    mayUse,
  };
}

const Flag = z.union([z.boolean(), z.stringbool()]);

export const KeyPolicy = z.strictObject({
  Version: z.string().optional(),
  Id: z.string().optional(),
  Statement: z.union([z.array(z.record(z.string(), z.unknown())), z.record(z.string(), z.unknown())]),
}) satisfies z.ZodType<PolicyDocument>;

const KeyProperties = z.strictObject({
  BypassPolicyLockoutSafetyCheck: Flag.optional(),
  Description: z.string().max(8192).optional(),
  Enabled: Flag.default(true),
  EnableKeyRotation: Flag.optional(),
  KeyPolicy: KeyPolicy.optional(),
  KeySpec: z.literal('SYMMETRIC_DEFAULT').optional(),
  KeyUsage: z.literal('ENCRYPT_DECRYPT').optional(),
  MultiRegion: z.literal(false).optional(),
  PendingWindowInDays: z.coerce.number().int().min(7).max(30).optional(),
  RotationPeriodInDays: z.coerce.number().int().min(90).max(2560).optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
});

const AliasProperties = z.strictObject({ AliasName: z.string().regex(/^alias\/(?!aws\/)/u), TargetKeyId: z.string() });

/** `AWS::KMS::Key`, whose Ref is its id, and `AWS::KMS::Alias`, whose Ref is its name. */
function keyResources(keys: Keys): Provisioners {
  return {
    'AWS::KMS::Key': provisioner(KeyProperties, ({ KeyPolicy: policy, Description: description, Enabled }) => {
      const { keyId: KeyId, arn: Arn } = keys.create({ policy, description, state: Enabled ? 'Enabled' : 'Disabled' });
      return { ref: KeyId, attributes: { Arn, KeyId } };
    }),
    'AWS::KMS::Alias': provisioner(AliasProperties, ({ AliasName, TargetKeyId }) => {
      keys.addAlias(AliasName, TargetKeyId);
      return { ref: AliasName, attributes: {} };
    }),
  };
}
