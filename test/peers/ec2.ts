import type { Instance, Reservation } from '@aws-sdk/client-ec2';
import assert from 'node:assert/strict';
import type { AwsCli } from './aws-cli.ts';
import type { Check } from './checks.ts';
import { STOPPED, UNKNOWN, UNTAGGED, WEB_1 } from './fleet.ts';

const instancesOf = ({ Reservations }: { Reservations: Reservation[] }): Instance[] =>
  Reservations.flatMap(({ Instances = [] }) => Instances);
const idsOf = (instances: readonly Instance[]): (string | undefined)[] => instances.map(({ InstanceId: id }) => id);

/** EC2, whose answers are XML. */
export async function ec2(check: Check, cli: AwsCli): Promise<void> {
  const describe = async (...args: string[]) =>
    instancesOf(await cli.json<{ Reservations: Reservation[] }>('ec2', 'describe-instances', ...args));

  await check('describe-instances tells of the fleet, with types, tags and volumes', async () => {
    const fleet = await describe();
    assert.equal(fleet.length, 8);
    const web = fleet.find(({ InstanceId: id }) => id === WEB_1);
    assert.equal(web?.State?.Name, 'running');
    assert.equal(web.State.Code, 16);
    assert.match(web.ImageId ?? '', /^ami-[0-9a-f]{17}$/);
    assert.match(web.PrivateIpAddress ?? '', /^\d+\.\d+\.\d+\.\d+$/);
    assert.equal(web.BlockDeviceMappings?.length, 1);
    assert.deepEqual(
      web.Tags?.find(({ Key }) => Key === 'SSMRunAllowed'),
      { Key: 'SSMRunAllowed', Value: 'true' },
    );
    assert(!Number.isNaN(Date.parse(String(web.LaunchTime))), 'LaunchTime is a time');
  });
  await check('describe-instances filters by tag and state', async () => {
    const stopped = await describe('--filters', 'Name=instance-state-name,Values=stopped');
    assert.deepEqual(idsOf(stopped), [STOPPED]);
    const bastions = await describe('--filters', 'Name=tag:Role,Values=bastion,nothing');
    assert.deepEqual(idsOf(bastions), [UNTAGGED]);
  });
  await check('describe-instances pages', async () => {
    assert.equal((await describe('--page-size', '5')).length, 8);
  });
  await check('an unknown instance is InvalidInstanceID.NotFound', () =>
    cli.refused('InvalidInstanceID.NotFound', new RegExp(`The instance ID '${UNKNOWN}' does not exist`), [
      ...['ec2', 'describe-instances', '--instance-ids', UNKNOWN],
    ]),
  );
  await check('no instance id is InvalidInstanceID.Malformed', () =>
    cli.refused('InvalidInstanceID.Malformed', /"web-1"/, ['ec2', 'describe-instances', '--instance-ids', 'web-1']),
  );
  await check('an operation that is not modelled says so by its name', () =>
    cli.refused('NotImplemented', /ec2:DescribeVpcs/, ['ec2', 'describe-vpcs']),
  );
}
