import type * as kms from '@aws-sdk/client-kms';
import { AwsError } from '../../core/aws-error.ts';
import { constraint, range } from '../../core/constraints.ts';
import { only } from '../../core/only.ts';
import { pageOf } from '../../core/pages.ts';
import { operation, type Call, type Permission, type Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { GRANTABLE, grantShape, type Key } from './key-model.ts';
import type { Keys } from './keys.ts';

type OwnWorld = Pick<World, 'account'>;

interface Asked {
  readonly Limit?: number | undefined;
  readonly Marker?: string | undefined;
}

function page<T>(all: readonly T[], { Limit: limit, Marker: token }: Asked) {
  range(limit, 'limit', 1, 100);
  const refuse = (): AwsError => new AwsError('InvalidMarkerException', 'The marker is not valid.');
  const { items, next } = pageOf(all, { size: limit ?? 50, token, refuse });
  return { items, NextMarker: next, Truncated: next !== undefined };
}

const accountOf = (arn: string): string => arn.split(':')[4] ?? '';

/** The key metadata of a symmetric key whose material KMS made. */
const metadata = ({ keyId, arn, account, manager, state, description, createdAt }: Key): kms.KeyMetadata => ({
  AWSAccountId: account,
  KeyId: keyId,
  Arn: arn,
  CreationDate: new Date(createdAt),
  Enabled: state === 'Enabled',
  Description: description,
  KeyUsage: 'ENCRYPT_DECRYPT',
  KeyState: state,
  Origin: 'AWS_KMS',
  KeyManager: manager,
  KeySpec: 'SYMMETRIC_DEFAULT',
  EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
  MultiRegion: false,
});

function requireEnabled({ arn, state }: Key): void {
  if (state === 'Disabled') throw new AwsError('DisabledException', `${arn} is disabled.`);
  if (state === 'PendingDeletion') throw new AwsError('KMSInvalidStateException', `${arn} is pending deletion.`);
}

/** An operation that no other account's key takes part in. */
function requireOwn({ arn, account }: Key, { caller, operation: name }: Call, world: OwnWorld): void {
  if (account === world.account) return;
  throw new AwsError(
    'AccessDeniedException',
    `User: ${caller.arn} is not authorized to perform: kms:${name} on resource: ${arn}`,
  );
}

function checkGrant({
  Operations: operations = [],
  GranteePrincipal: grantee = '',
}: kms.CreateGrantCommandInput): void {
  const unknown = operations.find((each) => !GRANTABLE.includes(each));
  if (unknown !== undefined)
    throw constraint(
      operations,
      'operations',
      `Member must satisfy constraint: [Member must satisfy enum value set: [${GRANTABLE.join(', ')}]]`,
    );
  if (!/^arn:aws:(?:iam|sts)::\d{12}:/u.test(grantee))
    throw new AwsError('InvalidArnException', `Principal ${grantee} is not a valid ARN`);
}

/**
 * The operations on keys, grants and aliases that are modelled. Another account's key is refused as its own would be,
 * unless its policy or a grant lets the caller in. Source: AWS Key Management Service API Reference.
 */
export function keyOperations(world: OwnWorld, keys: Keys): Service['operations'] {
  const on = (
    action: string,
    reference: string | undefined,
    context: Permission['context'] = {},
  ): readonly Permission[] => {
    const resource = keys.resolve(reference);
    const known = { 'aws:ResourceAccount': accountOf(resource), 'kms:CallerAccount': world.account };
    return [{ action: `kms:${action}`, resource, context: { ...known, ...context } }];
  };
  return {
    DescribeKey: operation<kms.DescribeKeyCommandInput, kms.DescribeKeyCommandOutput>(
      ({ KeyId }) => on('DescribeKey', KeyId),
      (input) => {
        only('kms:DescribeKey', input, ['KeyId']);
        return { KeyMetadata: metadata(keys.get(input.KeyId)) };
      },
    ),
    GetKeyPolicy: operation<kms.GetKeyPolicyCommandInput, kms.GetKeyPolicyCommandOutput>(
      ({ KeyId }) => on('GetKeyPolicy', KeyId),
      ({ KeyId, PolicyName = 'default' }, call) => {
        const key = keys.get(KeyId);
        requireOwn(key, call, world);
        if (PolicyName !== 'default') throw new AwsError('NotFoundException', 'No such policy exists');
        return { Policy: JSON.stringify(key.policy, undefined, 2), PolicyName };
      },
    ),
    CreateGrant: operation<kms.CreateGrantCommandInput, kms.CreateGrantCommandOutput>(
      ({ KeyId, Operations = [], GranteePrincipal = '' }) =>
        on('CreateGrant', KeyId, {
          'kms:GrantOperations': Operations,
          'kms:GranteePrincipal': GranteePrincipal,
          'kms:GrantIsForAWSResource': 'false',
        }),
      (input) => {
        only('kms:CreateGrant', input, ['KeyId', 'GranteePrincipal', 'Operations', 'Name', 'RetiringPrincipal']);
        const key = keys.get(input.KeyId);
        checkGrant(input);
        requireEnabled(key);
        const { GranteePrincipal = '', RetiringPrincipal, Operations = [], Name } = input;
        const given = { granteePrincipal: GranteePrincipal, retiringPrincipal: RetiringPrincipal, name: Name };
        const grant = keys.grant(key, { ...given, operations: Operations }, world.account);
        return { GrantId: grant.grantId, GrantToken: grant.token };
      },
    ),
    ListGrants: operation<kms.ListGrantsCommandInput, kms.ListGrantsCommandOutput>(
      ({ KeyId }) => on('ListGrants', KeyId),
      (input) => {
        only('kms:ListGrants', input, ['KeyId', 'GrantId', 'GranteePrincipal', 'Limit', 'Marker']);
        const { GrantId: id, GranteePrincipal: grantee } = input;
        const key = keys.get(input.KeyId);
        const found = key.grants
          .filter(({ grantId }) => id === undefined || grantId === id)
          .filter(({ granteePrincipal }) => grantee === undefined || granteePrincipal === grantee);
        const { items, ...more } = page(found, input);
        return { Grants: items.map((grant) => grantShape(key, grant)), ...more };
      },
    ),
    RevokeGrant: operation<kms.RevokeGrantCommandInput, kms.RevokeGrantCommandOutput>(
      ({ KeyId }) => on('RevokeGrant', KeyId),
      (input) => {
        only('kms:RevokeGrant', input, ['KeyId', 'GrantId']);
        keys.revoke(keys.get(input.KeyId), input.GrantId);
        return {};
      },
    ),
    ListAliases: operation<kms.ListAliasesCommandInput, kms.ListAliasesCommandOutput>(
      () => [{ action: 'kms:ListAliases', resource: '*' }],
      (input) => {
        const target = input.KeyId === undefined ? undefined : keys.get(input.KeyId).arn;
        const found = keys.aliases().filter(([, { arn }]) => target === undefined || arn === target);
        const { items, ...more } = page(found, input);
        return { Aliases: items.map(([name, key]) => alias(name, key)), ...more };
      },
    ),
  };
}

const alias = (AliasName: string, { arn, keyId, createdAt }: Key): kms.AliasListEntry => ({
  AliasName,
  AliasArn: arn.replace(/key\/[^/]+$/u, AliasName),
  TargetKeyId: keyId,
  CreationDate: new Date(createdAt),
  LastUpdatedDate: new Date(createdAt),
});
