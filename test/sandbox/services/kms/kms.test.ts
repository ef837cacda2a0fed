import { describe, expect, it } from '@jest/globals';
import type { GrantListEntry } from '@aws-sdk/client-kms';
import type { Caller } from '../../../../sandbox/core/service.ts';
import { parseFleet } from '../../../../sandbox/fleets/index.ts';
import { createIam } from '../../../../sandbox/services/iam/index.ts';
import { createKms } from '../../../../sandbox/services/kms/index.ts';
import { fleetWorld } from '../../fleets/demo.ts';
import { caller, provision } from '../../support/service.ts';
import { testWorld } from '../../support/world.ts';

const ARN = 'arn:aws:kms:eu-central-1:123456789012:key';
const OTHER = '999999999999';
const SERVICE_ROLE =
  'arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling';
const LAUNCHES = ['kms:Decrypt', 'kms:CreateGrant'];

const statement = (principal: string, more: object = {}) => ({
  Effect: 'Allow',
  Principal: { AWS: principal },
  Action: 'kms:*',
  Resource: '*',
  ...more,
});

/** KMS with IAM, and a role that may do what a test says. */
async function stage(allowed: readonly string[] = ['kms:*']) {
  const world = testWorld({
    authorize: (by, permissions, call) => iam.authorize(by, permissions, call),
  });
  const iam = createIam(world);
  const kms = createKms(world, iam);
  world.dispatcher.register(kms.service);
  const { attributes } = await provision(iam.resources, 'AWS::IAM::Role', {
    RoleName: 'runner',
    AssumeRolePolicyDocument: {
      Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    },
    Policies: [
      { PolicyName: 'p', PolicyDocument: { Statement: { Effect: 'Allow', Action: [...allowed], Resource: '*' } } },
    ],
  });
  const role: Caller = iam.assume(attributes['Arn'] ?? '', 'lambda.amazonaws.com');
  const call = caller(world, 'kms');
  const asRole = <O>(name: string, input: object) => call<O>(name, input, role);
  return { world, iam, kms, keys: kms.keys, role, call, asRole };
}

describe('a key', () => {
  it('is described by id, ARN, alias and the ARN of its alias', async () => {
    const { keys, call } = await stage();
    const { keyId } = keys.create({ description: 'mine' });
    keys.addAlias('alias/mine', keyId);
    for (const KeyId of [keyId, `${ARN}/${keyId}`, 'alias/mine', 'arn:aws:kms:eu-central-1:123456789012:alias/mine'])
      expect(await call('DescribeKey', { KeyId })).toMatchObject({
        KeyMetadata: {
          KeyId: keyId,
          Arn: `${ARN}/${keyId}`,
          KeyManager: 'CUSTOMER',
          KeyState: 'Enabled',
          Enabled: true,
          Description: 'mine',
        },
      });
    await expect(call('DescribeKey', { KeyId: 'none' })).rejects.toMatchObject({
      code: 'NotFoundException',
      message: `Key '${ARN}/none' does not exist`,
    });
    await expect(call('DescribeKey', { KeyId: 'alias/none' })).rejects.toMatchObject({
      message: 'Alias arn:aws:kms:eu-central-1:123456789012:alias/none is not found.',
    });
  });

  it('that AWS manages is there when it is asked for', async () => {
    const { call, asRole, kms } = await stage();
    const described = await asRole('DescribeKey', { KeyId: 'alias/aws/ebs' });
    expect(described).toMatchObject({ KeyMetadata: { KeyManager: 'AWS', KeyState: 'Enabled' } });
    expect(await call('DescribeKey', { KeyId: 'alias/aws/ebs' })).toEqual(described);
    expect(await kms.mayUse(SERVICE_ROLE, 'alias/aws/ebs', LAUNCHES)).toBe(true);
    await expect(call('DescribeKey', { KeyId: 'alias/aws/nothing' })).rejects.toMatchObject({
      code: 'NotFoundException',
    });
  });

  it('shows its policy to its own account', async () => {
    const { keys, call, asRole } = await stage();
    const policy = { Version: '2012-10-17', Statement: [statement('arn:aws:iam::123456789012:root')] };
    const { keyId } = keys.create({ policy });
    keys.grant(keys.get(keyId), { granteePrincipal: SERVICE_ROLE, operations: ['Decrypt'] }, '123456789012');
    const { Policy } = await asRole<{ Policy: string }>('GetKeyPolicy', { KeyId: keyId });
    expect(JSON.parse(Policy)).toEqual(policy);
    await expect(call('GetKeyPolicy', { KeyId: keyId, PolicyName: 'other' })).rejects.toMatchObject({
      code: 'NotFoundException',
    });
    const foreign = keys.create({ account: OTHER });
    await expect(call('GetKeyPolicy', { KeyId: foreign.arn })).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });
});

describe('who may use a key', () => {
  it('is told by the policies of the account and of the key together', async () => {
    const { keys, asRole } = await stage(['kms:DescribeKey']);
    const open = keys.create();
    const closed = keys.create({ policy: { Statement: [statement('arn:aws:iam::123456789012:role/other')] } });
    await asRole('DescribeKey', { KeyId: open.keyId });
    const denied = { code: 'AccessDeniedException', message: expect.stringContaining('kms:DescribeKey') };
    await expect(asRole('DescribeKey', { KeyId: closed.keyId })).rejects.toMatchObject(denied);
    await expect(asRole('ListGrants', { KeyId: open.keyId })).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });

  it('of another account is told by both sides', async () => {
    const { keys, asRole } = await stage(['kms:DescribeKey']);
    const shared = keys.create({
      account: OTHER,
      policy: { Statement: [statement('arn:aws:iam::123456789012:root')] },
    });
    const foreign = keys.create({ account: OTHER });
    expect(await asRole('DescribeKey', { KeyId: shared.arn })).toMatchObject({ KeyMetadata: { AWSAccountId: OTHER } });
    const denied = { code: 'AccessDeniedException', message: expect.stringContaining('no resource-based policy') };
    for (const KeyId of [foreign.arn, keys.arn('none', OTHER)])
      await expect(asRole('DescribeKey', { KeyId })).rejects.toMatchObject(denied);
  });

  it('can be a service-linked role, by policy, by grant, and while the key is enabled', async () => {
    const { keys, kms, call } = await stage();
    const { keyId, arn } = keys.create();
    expect(await kms.mayUse(SERVICE_ROLE, keyId, LAUNCHES)).toBe(false);
    const ofGrants = { Action: 'kms:CreateGrant', Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } } };
    const uses = statement(SERVICE_ROLE, { Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] });
    const named = keys.create({ policy: { Statement: [uses, statement(SERVICE_ROLE, ofGrants)] } });
    expect(await kms.mayUse(SERVICE_ROLE, named.arn, LAUNCHES)).toBe(true);
    const foreign = keys.create({ account: OTHER });
    const input = { GranteePrincipal: SERVICE_ROLE, Operations: ['Decrypt', 'CreateGrant'] };
    for (const KeyId of [arn, foreign.arn]) {
      await call('CreateGrant', { KeyId, ...input });
      expect(await kms.mayUse(SERVICE_ROLE, KeyId, LAUNCHES)).toBe(true);
      expect(await kms.mayUse(SERVICE_ROLE, KeyId, ['kms:Encrypt'])).toBe(false);
    }
    keys.get(keyId).state = 'Disabled';
    expect(await kms.mayUse(SERVICE_ROLE, keyId, LAUNCHES)).toBe(false);
    expect(await kms.mayUse(SERVICE_ROLE, 'none', LAUNCHES)).toBe(false);
  });
});

describe('grants', () => {
  const grant = { GranteePrincipal: SERVICE_ROLE, Operations: ['Decrypt'] };

  it('are made, listed by grantee in pages, and revoked', async () => {
    const { keys, role, call, iam, asRole } = await stage(['kms:ListGrants']);
    const { keyId: KeyId, arn } = keys.create({ policy: { Statement: [statement('arn:aws:iam::123456789012:root')] } });
    const { GrantId } = await call<{ GrantId: string }>('CreateGrant', { KeyId, ...grant, Name: 'n' });
    expect(GrantId).toMatch(/^[0-9a-f]{64}$/);
    expect(await call('CreateGrant', { KeyId, ...grant, Name: 'n' })).toMatchObject({ GrantId });
    const GranteePrincipal = 'arn:aws:iam::123456789012:role/runner';
    expect(await iam.refusal(role, { action: 'kms:Encrypt', resource: arn })).toBe('identity-implicit');
    await call('CreateGrant', { KeyId, GranteePrincipal, Operations: ['Encrypt'] });
    expect(await iam.refusal(role, { action: 'kms:Encrypt', resource: arn })).toBeUndefined();
    const list = (more: object) =>
      asRole<{ Grants: GrantListEntry[]; NextMarker?: string; Truncated: boolean }>('ListGrants', { KeyId, ...more });
    expect((await list({ GranteePrincipal: SERVICE_ROLE })).Grants).toMatchObject([
      { GrantId, KeyId: arn, Operations: ['Decrypt'], IssuingAccount: 'arn:aws:iam::123456789012:root' },
    ]);
    const first = await list({ Limit: 1 });
    expect(first).toMatchObject({ Truncated: true, Grants: [{ GrantId }] });
    const last = await list({ Limit: 1, Marker: first.NextMarker });
    expect(last).toMatchObject({ Truncated: false, Grants: [{ GranteePrincipal }] });
    await call('RevokeGrant', { KeyId, GrantId: last.Grants[0]?.GrantId });
    expect(await iam.refusal(role, { action: 'kms:Encrypt', resource: arn })).toBe('identity-implicit');
    await expect(call('RevokeGrant', { KeyId, GrantId: 'none' })).rejects.toMatchObject({ code: 'NotFoundException' });
    await expect(call('ListGrants', { KeyId, Marker: '!' })).rejects.toMatchObject({ code: 'InvalidMarkerException' });
  });

  it.each([
    ['ValidationException', { Operations: ['Sign'] }, 'Enabled'],
    ['InvalidArnException', { GranteePrincipal: 'me' }, 'Enabled'],
    ['NotImplemented', { Constraints: { EncryptionContextSubset: {} } }, 'Enabled'],
    ['DisabledException', {}, 'Disabled'],
    ['KMSInvalidStateException', {}, 'PendingDeletion'],
  ] as const)('are refused with %s: %j of a key that is %s', async (code, input, state) => {
    const { keys, call } = await stage();
    const { keyId: KeyId } = keys.create({ state });
    await expect(call('CreateGrant', { KeyId, ...grant, ...input })).rejects.toMatchObject({ code });
  });
});

it('lists aliases, of one key or all', async () => {
  const { keys, call, kms } = await stage();
  const { ref } = await provision(kms.resources, 'AWS::KMS::Key', { Description: 'd', Enabled: 'false' });
  expect(keys.get(ref)).toMatchObject({ description: 'd', state: 'Disabled' });
  const properties = { AliasName: 'alias/images', TargetKeyId: `${ARN}/${ref}` };
  expect(await provision(kms.resources, 'AWS::KMS::Alias', properties)).toEqual({
    ref: 'alias/images',
    attributes: {},
  });
  await call('DescribeKey', { KeyId: 'alias/aws/s3' });
  expect(await call('ListAliases')).toMatchObject({
    Aliases: [{ AliasName: 'alias/aws/s3' }, { AliasName: 'alias/images', TargetKeyId: ref }],
  });
  expect(await call('ListAliases', { KeyId: ref })).toMatchObject({
    Aliases: [{ AliasArn: 'arn:aws:kms:eu-central-1:123456789012:alias/images' }],
  });
});

it('attaches the policy of a key of a template', async () => {
  const { world, kms } = await stage();
  const said = { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'kms:Decrypt', Resource: '*' };
  const { ref, attributes } = await provision(kms.resources, 'AWS::KMS::Key', {
    EnableKeyRotation: true,
    KeyPolicy: { Version: '2012-10-17', Statement: [said] },
  });
  expect(attributes['Arn']).toBe(`${ARN}/${ref}`);
  expect(world.resourcePolicies.for(attributes['Arn'] ?? '')?.Statement).toEqual([said]);
});

it('has the keys of a fleet file, with their grants', async () => {
  const grants = [{ granteePrincipal: SERVICE_ROLE, operations: ['Decrypt', 'CreateGrant'] }];
  const keys = { images: { grants }, foreign: { id: 'k', account: OTHER, state: 'PendingDeletion' } };
  const { kms } = await fleetWorld({ fleet: parseFleet({ images: {}, instances: [], keys }, 'x') });
  expect(await kms.mayUse(SERVICE_ROLE, 'images', LAUNCHES)).toBe(true);
  expect(kms.keys.get(kms.keys.arn('k', OTHER)).state).toBe('PendingDeletion');
  const wrong = { images: { grants: [{ granteePrincipal: { output: 'Nope' }, operations: ['Decrypt'] }] } };
  await expect(fleetWorld({ fleet: parseFleet({ images: {}, instances: [], keys: wrong }, 'x') })).rejects.toThrow(
    'keys.images.grants[0].granteePrincipal.output: no such stack output',
  );
});
