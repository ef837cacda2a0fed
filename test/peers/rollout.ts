import assert from 'node:assert/strict';
import { startEmbeddedAws } from '../../cli/lib/embedded-aws.ts';
import { AwsCli } from './aws-cli.ts';
import type { Check } from './checks.ts';

const SPEED = 300;
const PARAMETER = '/ami/linux/test';
const FOLLOWERS = 'fleetwright:ami';

/** The groups with their machines' launch template versions, and the AMIs of those machines. */
const GROUPS = 'AutoScalingGroups[].[AutoScalingGroupName,Instances[].[LifecycleState,LaunchTemplate.Version]]';
const IMAGES = 'Reservations[].Instances[].[Tags[?Key==`aws:autoscaling:groupName`]|[0].Value,ImageId]';

type Groups = readonly [name: string, instances: readonly [state: string, version: string][]][];

/** What somebody does who never heard of us but by a parameter's name: an embedded AWS of its own, whose time goes fast. */
export async function rollout(check: Check, assembly: string): Promise<void> {
  const aws = await startEmbeddedAws({ assembly, speed: SPEED });
  try {
    await check('put-parameter rolls a new AMI through the groups that follow it', () => rollOut(new AwsCli(aws)));
  } finally {
    await aws.stop();
  }
}

async function rollOut(cli: AwsCli): Promise<void> {
  const [imageId = ''] = await cli.json<string[]>(
    ...['ec2', 'describe-images', '--owners', 'self', '--filters', 'Name=name,Values=al2023-next'],
    ...['--query', 'Images[].ImageId'],
  );
  await cli.text('ssm', 'put-parameter', '--overwrite', '--name', PARAMETER, '--value', imageId);
  const statuses = () =>
    cli.json<string[]>(
      ...['stepfunctions', 'list-executions', '--state-machine-arn', cli.output('AmiRolloutStateMachineArn')],
      ...['--query', 'executions[].status'],
    );
  const ended = await cli.until(statuses, ([status = 'RUNNING']) => status !== 'RUNNING');
  assert.deepEqual(ended, ['SUCCEEDED']);

  const groups = await cli.json<Groups>('autoscaling', 'describe-auto-scaling-groups', '--query', GROUPS);
  const renewed = (count: number) => Array.from({ length: count }, () => ['InService', '2']);
  assert.deepEqual(Object.fromEntries(groups), { frontend: renewed(3), checkout: renewed(2), search: renewed(2) });
  const images = await cli.json<[string, string][]>(
    ...['ec2', 'describe-instances', '--query', IMAGES],
    ...['--filters', `Name=tag:${FOLLOWERS},Values=linux-test`, 'Name=instance-state-name,Values=running'],
  );
  assert.equal(images.length, 7);
  for (const [group, image] of images) assert.equal(image, imageId, `a machine of ${group}`);
}
