import type { GrantListEntry, GrantOperation } from '@aws-sdk/client-kms';
import type { PolicyDocument } from '../../core/resource-policies.ts';

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

export interface Grant {
  readonly grantId: string;
  readonly token: string;
  readonly name: string | undefined;
  readonly granteePrincipal: string;
  readonly retiringPrincipal: string | undefined;
  readonly operations: readonly GrantOperation[];
  readonly issuingAccount: string;
  readonly createdAt: number;
}

export interface Key {
  readonly keyId: string;
  readonly arn: string;
  readonly account: string;
  readonly manager: 'AWS' | 'CUSTOMER';
  readonly description: string;
  readonly createdAt: number;
  readonly policy: PolicyDocument;
  readonly grants: Grant[];
  state: KeyState;
}

/** The operations that a grant can allow for a symmetric encryption key. Source: KMS API Reference, CreateGrant. */
export const GRANTABLE: readonly string[] = [
  ...['Decrypt', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom', 'ReEncryptTo'],
  ...['CreateGrant', 'RetireGrant', 'DescribeKey', 'GenerateDataKeyPair', 'GenerateDataKeyPairWithoutPlaintext'],
];

export const grantShape = (key: Key, grant: Grant): GrantListEntry => ({
  KeyId: key.arn,
  GrantId: grant.grantId,
  Name: grant.name ?? '',
  CreationDate: new Date(grant.createdAt),
  GranteePrincipal: grant.granteePrincipal,
  RetiringPrincipal: grant.retiringPrincipal,
  IssuingAccount: `arn:aws:iam::${grant.issuingAccount}:root`,
  Operations: [...grant.operations],
});

/** "Default key policy" of the KMS Developer Guide: the policies of the account decide. */
export const defaultPolicy = (account: string): PolicyDocument => ({
  Version: '2012-10-17',
  Id: 'key-default-1',
  Statement: [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
});

/** The policy of a key that AWS manages: its service may use it for everybody in the account, who may only look at it. */
export const managedPolicy = (account: string, service: string, region: string): PolicyDocument => ({
  Version: '2012-10-17',
  Id: `auto-${service}-2`,
  Statement: [
    {
      Sid: `Allow access through ${service} for all principals in the account`,
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: [
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncrypt*',
        'kms:GenerateDataKey*',
        'kms:CreateGrant',
        'kms:DescribeKey',
      ],
      Resource: '*',
      Condition: {
        StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': `${service}.${region}.amazonaws.com` },
      },
    },
    {
      Sid: 'Allow direct access to key metadata to the account',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
      Resource: '*',
    },
  ],
});
