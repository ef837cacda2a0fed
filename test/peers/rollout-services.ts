import type { DescribeAlarmsOutput } from '@aws-sdk/client-cloudwatch';
import type { DescribeKeyCommandOutput, ListGrantsCommandOutput } from '@aws-sdk/client-kms';
import type { GetScheduleCommandOutput } from '@aws-sdk/client-scheduler';
import type { GetParameterHistoryResult, PutParameterResult } from '@aws-sdk/client-ssm';
import assert from 'node:assert/strict';
import type { AwsCli } from './aws-cli.ts';
import type { Check } from './checks.ts';

const ROLE = 'arn:aws:iam::123456789012:role/peer';
const UNKNOWN_AMI = 'ami-00000000000000000';

/** What a rollout has beside EC2 and Auto Scaling: Parameter Store, CloudWatch in CBOR, Scheduler in REST with JSON, KMS. */
export async function rolloutServices(check: Check, cli: AwsCli): Promise<void> {
  await parameters(check, cli);
  await alarms(check, cli);
  await schedules(check, cli);
  await keys(check, cli);
}

async function parameters(check: Check, cli: AwsCli): Promise<void> {
  const name = '/peers/ami';
  await check('put-parameter takes an AMI that there is not, and never keeps it', async () => {
    const put = ['ssm', 'put-parameter', '--name', name, '--type', 'String', '--data-type', 'aws:ec2:image'];
    assert.equal((await cli.json<PutParameterResult>(...put, '--value', UNKNOWN_AMI)).Version, 1);
    await cli.refused('ParameterNotFound', /^\s*$/, ['ssm', 'get-parameter', '--name', name]);
  });
  await check('get-parameter-history has every version, who made it, and its tier', async () => {
    const put = ['ssm', 'put-parameter', '--name', '/peers/text', '--type', 'String', '--overwrite', '--value'];
    for (const value of ['one', 'x'.repeat(5000)]) await cli.json(...put, value, '--tier', 'Intelligent-Tiering');
    const { Parameters = [] } = await cli.json<GetParameterHistoryResult>(
      ...['ssm', 'get-parameter-history', '--name', '/peers/text'],
    );
    assert.deepEqual(
      Parameters.map(({ Version, Tier }) => [Version, Tier]),
      [
        [1, 'Standard'],
        [2, 'Advanced'],
      ],
    );
    assert.match(Parameters[0]?.LastModifiedUser ?? '', /^arn:aws:iam::/);
  });
  await check('put-parameter refuses the names of public parameters', () =>
    cli.refused('AccessDeniedException', /No access to reserved parameter name: \/aws\/mine\./, [
      ...['ssm', 'put-parameter', '--name', '/aws/mine', '--type', 'String', '--value', 'x'],
    ]),
  );
}

async function alarms(check: Check, cli: AwsCli): Promise<void> {
  await check('put-metric-alarm, set-alarm-state and describe-alarms know one alarm', async () => {
    await cli.text(
      ...['cloudwatch', 'put-metric-alarm', '--alarm-name', 'peers', '--namespace', 'N', '--metric-name', 'M'],
      ...['--statistic', 'Sum', '--period', '60', '--evaluation-periods', '1', '--threshold', '1.5'],
      ...['--comparison-operator', 'GreaterThanThreshold'],
    );
    const set = ['cloudwatch', 'set-alarm-state', '--state-value', 'ALARM', '--state-reason', 'peers', '--alarm-name'];
    await cli.text(...set, 'peers');
    const { MetricAlarms = [] } = await cli.json<DescribeAlarmsOutput>(
      ...['cloudwatch', 'describe-alarms', '--alarm-names', 'peers'],
    );
    assert.deepEqual(
      MetricAlarms.map(({ StateValue, Threshold }) => [StateValue, Threshold]),
      [['ALARM', 1.5]],
    );
    await cli.refused('ResourceNotFound', /no-such/, [...set, 'no-such']);
  });
}

async function schedules(check: Check, cli: AwsCli): Promise<void> {
  await check('get-schedule refuses a schedule that there is not', () =>
    cli.refused('ResourceNotFoundException', /^Schedule no-such does not exist\./, [
      ...['scheduler', 'get-schedule', '--name', 'no-such'],
    ]),
  );
  await check('create-schedule refuses a role that Scheduler may not assume', () =>
    cli.refused('ValidationException', /must allow AWS EventBridge Scheduler to assume the role/, [
      ...['scheduler', 'create-schedule', '--name', 'peers', '--schedule-expression', 'rate(1 day)'],
      ...['--flexible-time-window', 'Mode=OFF'],
      ...['--target', `Arn=arn:aws:sqs:eu-central-1:123456789012:queue,RoleArn=${ROLE}`],
    ]),
  );
  await check('create-schedule-group and list-schedule-groups know one group', async () => {
    const { ScheduleGroupArn } = await cli.json<{ ScheduleGroupArn: string }>(
      ...['scheduler', 'create-schedule-group', '--name', 'peers'],
    );
    assert.match(ScheduleGroupArn, /:schedule-group\/peers$/);
    const { ScheduleGroups } = await cli.json<{ ScheduleGroups: Pick<GetScheduleCommandOutput, 'Name'>[] }>(
      ...['scheduler', 'list-schedule-groups', '--name-prefix', 'p'],
    );
    assert.deepEqual(
      ScheduleGroups.map(({ Name }) => Name),
      ['peers'],
    );
  });
}

async function keys(check: Check, cli: AwsCli): Promise<void> {
  await check('describe-key knows the key of EBS; create-grant and list-grants its grants', async () => {
    const { KeyMetadata: key } = await cli.json<DescribeKeyCommandOutput>(
      ...['kms', 'describe-key', '--key-id', 'alias/aws/ebs'],
    );
    assert.equal(key?.KeyManager, 'AWS');
    const id = ['--key-id', key.KeyId ?? ''];
    await cli.json(...['kms', 'create-grant', ...id, '--grantee-principal', ROLE, '--operations', 'Decrypt']);
    const { Grants = [] } = await cli.json<ListGrantsCommandOutput>(
      ...['kms', 'list-grants', ...id, '--grantee-principal', ROLE],
    );
    assert.deepEqual(Grants[0]?.Operations, ['Decrypt']);
    await cli.refused('NotFoundException', /does not exist/, ['kms', 'describe-key', '--key-id', 'no-such']);
  });
}
