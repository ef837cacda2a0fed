import * as z from 'zod';
import type { PolicyDocument } from '../core/resource-policies.ts';
import { provisioner, type Provisioners } from '../core/resources.ts';
import type { World } from '../core/world.ts';

const Flag = z.union([z.boolean(), z.stringbool()]);

const KeyPolicy = z.strictObject({
  Version: z.string().optional(),
  Id: z.string().optional(),
  Statement: z.union([z.array(z.record(z.string(), z.unknown())), z.record(z.string(), z.unknown())]),
}) satisfies z.ZodType<PolicyDocument>;

const KeyProperties = z.strictObject({
  BypassPolicyLockoutSafetyCheck: Flag.optional(),
  Description: z.string().max(8192).optional(),
  Enabled: Flag.optional(),
  EnableKeyRotation: Flag.optional(),
  KeyPolicy: KeyPolicy.optional(),
  KeySpec: z.literal('SYMMETRIC_DEFAULT').optional(),
  KeyUsage: z.literal('ENCRYPT_DECRYPT').optional(),
  MultiRegion: z.literal(false).optional(),
  PendingWindowInDays: z.coerce.number().int().min(7).max(30).optional(),
  RotationPeriodInDays: z.coerce.number().int().min(90).max(2560).optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
});

/** Keys exist for their ARN and their policy; nothing is encrypted. Source: AWS::KMS::Key, "Default key policy". */
export function kmsResources({ account, region, random, resourcePolicies }: World): Provisioners {
  const defaultPolicy: PolicyDocument = {
    Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
  };
  return {
    'AWS::KMS::Key': provisioner(KeyProperties, ({ KeyPolicy: policy = defaultPolicy }) => {
      const KeyId = random.uuid();
      const Arn = `arn:aws:kms:${region}:${account}:key/${KeyId}`;
      resourcePolicies.replace(Arn, policy);
      return { ref: KeyId, attributes: { Arn, KeyId } };
    }),
  };
}
