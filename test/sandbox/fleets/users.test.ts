import { describe, expect, it } from '@jest/globals';
import { FleetError, loadFleet, parseFleet } from '../../../sandbox/fleets/index.ts';
import { DEMO, fleetWorld } from './demo.ts';

const image = { id: 'ami-0a1b2c3d4e5f60718', platform: 'Linux', platformName: 'Amazon Linux', platformVersion: '2023' };
const statement = { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' };
const policy = (change: object = {}) => ({ Version: '2012-10-17', Statement: [{ ...statement, ...change }] });
const user = { name: 'ann', accessKeyId: 'AKIAANN0000000000000', secretAccessKey: 's', policies: [policy()] };
const fleetOf = (...users: object[]) => parseFleet({ images: { a: image }, instances: [], users }, 'x.json');

describe('users of a fleet file', () => {
  it('are two in the demo, with keys of their own', () => {
    const keys = loadFleet(DEMO).users.map(({ name, accessKeyId }) => [name, accessKeyId]);
    expect(keys).toEqual([
      ['auditor', 'AKIASANDBOXAUDITOR00'],
      ['deployer', 'AKIASANDBOXDEPLOYER0'],
    ]);
  });

  it.each([
    [{ name: 'a b' }, 'users[1].name: a user name is 1 to 64 letters'],
    [{ name: 'ann' }, 'users[1].name: another user has it ("ann" given)'],
    [{ accessKeyId: user.accessKeyId }, 'users[1].accessKeyId: another user has it'],
    [{ accessKeyId: 'AKIA1' }, 'users[1].accessKeyId: an access key id is AKIA and 16'],
    [{ accessKeyId: 'AKIASANDBOXOPERATOR0' }, 'users[1].accessKeyId: the operator has this key'],
    [{ secretAccessKey: '' }, 'users[1].secretAccessKey'],
    [{ policy: [] }, 'users[1].policy: unknown key'],
    [{ policies: [{ Version: '2012', Statement: [] }] }, 'users[1].policies[0].Version'],
    [{ policies: [policy({ Effect: 'allow' })] }, 'users[1].policies[0].Statement'],
    [{ policies: [policy({ Principal: '*' })] }, 'users[1].policies[0]: the policy of a user names no Principal'],
  ])('are refused with the place and the value: %j', (change, message) => {
    const other = { ...user, name: 'bob', accessKeyId: 'AKIABOB0000000000000', ...change };
    expect(() => fleetOf(user, other)).toThrow(message);
  });

  it('may name stack outputs in their policies, beside the variables of IAM', async () => {
    const Resource = ['arn:aws:s3:::${InstanceProfileName}/${aws:username}/${*}'];
    const { users } = await fleetWorld({ fleet: fleetOf({ ...user, policies: [policy({ Resource })] }) });
    expect(users.map(({ policies }) => policies[0]?.Statement[0]?.Resource)).toEqual([
      ['arn:aws:s3:::profile-of-machines/${aws:username}/${*}'],
    ]);
  });

  it('are refused where they name an output that there is not', async () => {
    const fleet = fleetOf({ ...user, policies: [policy({ Resource: 'arn:${Nope}:${constructor}:${Nope}' })] });
    const failed: unknown = await fleetWorld({ fleet }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(FleetError);
    expect((failed as FleetError).message.split('\n').slice(1)).toEqual([
      '  users[0].policies: no such stack output; the stacks have InstanceProfileName ("${Nope}" given)',
      '  users[0].policies: no such stack output; the stacks have InstanceProfileName ("${constructor}" given)',
    ]);
  });
});
