import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Call, Caller } from '../../../../sandbox/core/service.ts';
import { createIam, IdentityPolicy, type Iam } from '../../../../sandbox/services/iam/index.ts';
import { createSts } from '../../../../sandbox/services/sts/index.ts';
import { caller as callerOf } from '../../support/service.ts';
import { testWorld, type TestWorld } from '../../support/world.ts';

const policy = (...Statement: object[]): IdentityPolicy => IdentityPolicy.parse({ Version: '2012-10-17', Statement });
const allow = (Action: string, Resource = '*', more: object = {}) => ({ Effect: 'Allow', Action, Resource, ...more });

let world: TestWorld;
let iam: Iam;

beforeAll(async () => {
  world = testWorld();
  iam = createIam(world);
  await iam.prepare();
});

const ask = (caller: Caller, action: string, resource = '*'): Promise<string> => {
  const call: Call = { caller, service: 'ssm', operation: 'Any', requestId: 'r' };
  return iam.authorize(caller, [{ action, resource }], call).then(
    () => 'allowed',
    (error: unknown) => String(error),
  );
};

describe('an IAM user', () => {
  it('may do what its own policies allow, and is named when it may not', async () => {
    const ann = await iam.addUser('ann', [
      policy(allow('ssm:ListCommands')),
      policy(allow('s3:Get*', 'arn:aws:s3:::b/*')),
    ]);
    expect(ann).toEqual({ kind: 'user', arn: 'arn:aws:iam::123456789012:user/ann', userName: 'ann' });
    expect(await ask(ann, 'ssm:ListCommands')).toBe('allowed');
    expect(await ask(ann, 's3:GetObject', 'arn:aws:s3:::b/k')).toBe('allowed');
    expect(await ask(ann, 's3:GetObject', 'arn:aws:s3:::c/k')).toContain('because no identity-based policy allows');
    expect(await ask(ann, 'ssm:SendCommand')).toContain(
      'User: arn:aws:iam::123456789012:user/ann is not authorized to perform: ssm:SendCommand',
    );
  });

  it('has nothing of another user', async () => {
    const [bob, eve] = [await iam.addUser('bob', [policy(allow('*'))]), await iam.addUser('eve', [])];
    expect(await ask(bob, 'ssm:ListCommands')).toBe('allowed');
    expect(await ask(eve, 'ssm:ListCommands')).toContain('is not authorized');
    await expect(iam.addUser('bob', [])).rejects.toThrow('User with name bob already exists.');
  });

  it('is known by its condition keys and policy variables', async () => {
    const own = allow('s3:GetObject', 'arn:aws:s3:::b/${aws:username}/*');
    const typed = allow('ssm:ListCommands', '*', { Condition: { StringEquals: { 'aws:PrincipalType': 'User' } } });
    const joe = await iam.addUser('joe', [policy(own, typed)]);
    expect(await ask(joe, 's3:GetObject', 'arn:aws:s3:::b/joe/x')).toBe('allowed');
    expect(await ask(joe, 's3:GetObject', 'arn:aws:s3:::b/ann/x')).toContain('is not authorized');
    expect(await ask(joe, 'ssm:ListCommands')).toBe('allowed');
  });

  it('is told who it is', async () => {
    world.dispatcher.register(createSts(world).service);
    const tom = await iam.addUser('tom.x', []);
    expect(await callerOf(world, 'sts')('GetCallerIdentity', {}, tom)).toEqual({
      UserId: 'AIDATOMX0000000000000',
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:user/tom.x',
    });
  });

  it('is refused with a malformed policy', async () => {
    await expect(iam.addUser('bad', [policy({ Effect: 'Allow', Resource: '*' })])).rejects.toThrow(
      'A policy of user bad is malformed',
    );
  });
});
