import type { Image, Instance, LaunchTemplateVersion, Reservation } from '@aws-sdk/client-ec2';
import assert from 'node:assert/strict';
import type { AwsCli } from './aws-cli.ts';
import type { Check } from './checks.ts';
import { STOPPED, UNKNOWN, UNTAGGED, WEB_1 } from './fleet.ts';

const ROOT = { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 12, VolumeType: 'gp3' } };
const TAGS = { ResourceType: 'instance', Tags: [{ Key: 'Made', Value: 'by-peers' }] };

const instancesOf = ({ Reservations }: { Reservations: Reservation[] }): Instance[] =>
  Reservations.flatMap(({ Instances = [] }) => Instances);
const idsOf = (instances: readonly Instance[]): (string | undefined)[] => instances.map(({ InstanceId: id }) => id);

/** EC2, whose answers are XML. */
export async function ec2(check: Check, cli: AwsCli): Promise<void> {
  const describe = async (...args: string[]) =>
    instancesOf(await cli.json<{ Reservations: Reservation[] }>('ec2', 'describe-instances', ...args));

  await check('describe-instances tells of the fleet, with types, tags and volumes', async () => {
    const fleet = await describe();
    assert.equal(fleet.length, 15);
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
    assert.equal((await describe('--page-size', '5')).length, 15);
  });
  await check('an unknown instance is InvalidInstanceID.NotFound', () =>
    cli.refused('InvalidInstanceID.NotFound', new RegExp(`The instance ID '${UNKNOWN}' does not exist`), [
      ...['ec2', 'describe-instances', '--instance-ids', UNKNOWN],
    ]),
  );
  await check('no instance id is InvalidInstanceID.Malformed', () =>
    cli.refused('InvalidInstanceID.Malformed', /"web-1"/, ['ec2', 'describe-instances', '--instance-ids', 'web-1']),
  );
  await launchTemplates(check, cli);
  await check('an operation that is not modelled says so by its name', () =>
    cli.refused('NotImplemented', /ec2:DescribeVpcs/, ['ec2', 'describe-vpcs']),
  );
}

/** Launch templates and launches: nested structures in requests and in answers. */
async function launchTemplates(check: Check, cli: AwsCli): Promise<void> {
  const template = ['--launch-template-name', 'peers'];
  const { Images: images } = await cli.json<{ Images: Image[] }>('ec2', 'describe-images', '--owners', 'self');
  const imageId = images.find(({ Architecture: architecture }) => architecture === 'x86_64')?.ImageId ?? '';

  await check('describe-images tells architecture, root device and snapshots', () => {
    assert.equal(images.length, 3);
    const [image] = images;
    assert.equal(image?.State, 'available');
    assert.match(image.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '', /^snap-[0-9a-f]{17}$/);
  });
  await check('create-launch-template and a version that changes the image', async () => {
    const data = { ImageId: imageId, InstanceType: 't3.small', BlockDeviceMappings: [ROOT], TagSpecifications: [TAGS] };
    await cli.text('ec2', 'create-launch-template', ...template, '--launch-template-data', JSON.stringify(data));
    const { LaunchTemplateVersion: version } = await cli.json<{ LaunchTemplateVersion: LaunchTemplateVersion }>(
      ...['ec2', 'create-launch-template-version', ...template, '--source-version', '1'],
      ...['--launch-template-data', '{"InstanceType":"t3.large"}', '--client-token', 'peers-2'],
    );
    assert.equal(version.VersionNumber, 2);
    assert.deepEqual(version.LaunchTemplateData, { ...data, InstanceType: 't3.large' });
    const { LaunchTemplateVersions: all } = await cli.json<{ LaunchTemplateVersions: LaunchTemplateVersion[] }>(
      ...['ec2', 'describe-launch-template-versions', ...template, '--versions', '$Latest', '$Default'],
    );
    assert.deepEqual(
      all.map(({ VersionNumber: number, DefaultVersion: isDefault }) => [number, isDefault]),
      [
        [2, false],
        [1, true],
      ],
    );
  });
  await check('run-instances --dry-run is DryRunOperation', () =>
    cli.refused('DryRunOperation', /would have succeeded/, [
      ...['ec2', 'run-instances', '--dry-run', '--launch-template', 'LaunchTemplateName=peers,Version=2'],
    ]),
  );
  await check('run-instances refuses a type of another architecture', () =>
    cli.refused('InvalidParameterValue', /The architecture 'arm64' of the specified instance type does not match/, [
      ...['ec2', 'run-instances', '--image-id', imageId, '--instance-type', 't4g.small'],
    ]),
  );
  await check('run-instances launches from a template, and terminate-instances ends it', async () => {
    const { Instances: launched } = await cli.json<{ Instances: Instance[] }>(
      ...['ec2', 'run-instances', '--launch-template', 'LaunchTemplateName=peers', '--client-token', 'peers-run'],
    );
    assert.equal(launched[0]?.State?.Name, 'pending');
    assert.deepEqual(launched[0].Tags?.slice(0, 1), TAGS.Tags);
    const id = launched[0].InstanceId ?? '';
    await cli.text('ec2', 'wait', 'instance-running', '--instance-ids', id);
    await cli.text('ec2', 'terminate-instances', '--instance-ids', id);
    await cli.text('ec2', 'delete-launch-template', ...template);
  });
  await check('a template that is gone is InvalidLaunchTemplateName.NotFoundException', () =>
    cli.refused('InvalidLaunchTemplateName.NotFoundException', /does not exist/, [
      ...['ec2', 'describe-launch-template-versions', ...template],
    ]),
  );
}
