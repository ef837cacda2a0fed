import type { AutoScalingGroup, InstanceRefresh } from '@aws-sdk/client-auto-scaling';
import assert from 'node:assert/strict';
import type { AwsCli } from './aws-cli.ts';
import type { Check } from './checks.ts';

const GROUP = 'peers';
const TEMPLATE = 'peers-template';
const on = ['--auto-scaling-group-name', GROUP];

/** Auto Scaling, whose answers are XML of the Query protocol. */
export async function autoscaling(check: Check, cli: AwsCli): Promise<void> {
  const scale = (command: string, ...args: string[]) => cli.text('autoscaling', command, ...args);
  const group = async () => {
    const answer = await cli.json<{ AutoScalingGroups: AutoScalingGroup[] }>(
      ...['autoscaling', 'describe-auto-scaling-groups', '--auto-scaling-group-names', GROUP],
    );
    const [found] = answer.AutoScalingGroups;
    assert(found !== undefined, `there is no group ${GROUP}`);
    return found;
  };
  const { Images: images } = await cli.json<{ Images: { ImageId: string }[] }>(
    'ec2',
    'describe-images',
    '--owners',
    'self',
  );
  const data = JSON.stringify({ ImageId: images[0]?.ImageId, InstanceType: 't3.small' });

  await check('create-auto-scaling-group launches from a template', async () => {
    const template = ['--launch-template-name', TEMPLATE, '--launch-template-data', data];
    await cli.text('ec2', 'create-launch-template', ...template);
    await scale(
      ...['create-auto-scaling-group', ...on, '--launch-template', `LaunchTemplateName=${TEMPLATE},Version=1`],
      ...['--min-size', '0', '--max-size', '2', '--desired-capacity', '1'],
      ...['--availability-zones', 'eu-central-1a', '--tags', 'Key=Team,Value=peers,PropagateAtLaunch=true'],
    );
    const { Instances: instances = [], AutoScalingGroupARN: arn, Tags: tags } = await group();
    assert.equal(instances.length, 1);
    assert.match(arn ?? '', /^arn:aws:autoscaling:/);
    assert.equal(tags?.[0]?.Key, 'Team');
  });
  await check('start-instance-refresh starts one, and only one', async () => {
    const preferences = JSON.stringify({ MinHealthyPercentage: 0, SkipMatching: false });
    await scale('start-instance-refresh', ...on, '--preferences', preferences);
    const refreshes = await cli.json<{ InstanceRefreshes: InstanceRefresh[] }>(
      ...['autoscaling', 'describe-instance-refreshes', ...on],
    );
    const [refresh] = refreshes.InstanceRefreshes;
    assert.match(refresh?.Status ?? '', /^(?:Pending|InProgress)$/);
    assert.equal(refresh?.Preferences?.MinHealthyPercentage, 0);
    await cli.refused('InstanceRefreshInProgress', /already in progress/, [
      'autoscaling',
      'start-instance-refresh',
      ...on,
    ]);
  });
  await check('rollback-instance-refresh without a desired configuration is IrreversibleInstanceRefresh', () =>
    cli.refused('IrreversibleInstanceRefresh', /desired configuration/, [
      ...['autoscaling', 'rollback-instance-refresh', ...on],
    ]),
  );
  await check('a group that there is not is a ValidationError', () =>
    cli.refused('ValidationError', /not found/, [
      ...['autoscaling', 'set-desired-capacity', '--auto-scaling-group-name', 'none', '--desired-capacity', '1'],
    ]),
  );
  await check('delete-auto-scaling-group by force terminates the instances', async () => {
    await scale('delete-auto-scaling-group', ...on, '--force-delete');
    assert.equal((await group()).Status, 'Delete in progress');
  });
}
