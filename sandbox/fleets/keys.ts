import * as z from 'zod';
import { KeyPolicy, type Keys } from '../services/kms/index.ts';
import { noOutput, outputOf, type Outputs } from './outputs.ts';

const principal = z.string().regex(/^arn:aws:(?:iam|sts)::\d{12}:/u, 'the ARN of a principal');

const grant = z.strictObject({
  granteePrincipal: z.union([principal, z.strictObject({ output: z.string().min(1) })]),
  operations: z
    .array(
      z.enum([
        ...(['CreateGrant', 'Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom'] as const),
        ...(['GenerateDataKeyWithoutPlaintext', 'ReEncryptTo', 'RetireGrant'] as const),
      ]),
    )
    .min(1),
});

const key = z.strictObject({
  /** Its name unless told. */
  id: z.string().min(1).optional(),
  /** The account that owns it; the sandbox's unless told. */
  account: z
    .string()
    .regex(/^\d{12}$/, 'an account is 12 digits')
    .optional(),
  description: z.string().max(8192).default(''),
  state: z.enum(['Enabled', 'Disabled', 'PendingDeletion']).default('Enabled'),
  /** KMS's default policy unless told: the policies of its account decide. */
  policy: KeyPolicy.optional(),
  grants: z.array(grant).default([]),
});

/** KMS keys by name. */
export const FleetKeys = z.record(z.string().regex(/^[\w-]{1,256}$/u, 'letters, digits, _ and -'), key);
export type FleetKeys = z.output<typeof FleetKeys>;

/** The outputs that the grants of the keys are for and the stacks do not have. */
export const keyProblems = (keys: FleetKeys, outputs: Outputs): string[] =>
  Object.entries(keys).flatMap(([name, { grants }]) =>
    grants.flatMap(({ granteePrincipal: grantee }, index) =>
      typeof grantee === 'object' && outputOf(grantee, outputs) === undefined
        ? [noOutput(`keys.${name}.grants[${index}].granteePrincipal.output`, grantee, outputs)]
        : [],
    ),
  );

/** Makes the keys with their grants. */
export function addKeys(fleet: FleetKeys, keys: Keys, { outputs }: { readonly outputs: Outputs }): void {
  for (const [name, { id: keyId = name, grants, ...given }] of Object.entries(fleet)) {
    const made = keys.create({ keyId, ...given });
    for (const { granteePrincipal, operations } of grants)
      keys.grant(made, { granteePrincipal: outputOf(granteePrincipal, outputs) ?? '', operations }, made.account);
  }
}
