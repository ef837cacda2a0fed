import { describe, expect, it } from '@jest/globals';
import { after, CONTEXT, EXECUTION, INSTANCE, START } from './support.ts';
import {
  account, autoScalingError, called, changing, described, ec2Error, following, GONE, GROUP, NEW, OLD, OTHER, PLAN, policy, PREVIOUS, REFRESH,
  specification, TARGET, TEMPLATE, version, versions,
} from './refresh-asg-support.ts'; // prettier-ignore

const { handler: validate } = await import('../../functions/validate-asg.ts');
const { handler: find } = await import('../../functions/find-instance-refresh.ts');
const { handler: pin } = await import('../../functions/pin-template.ts');
const { handler: create } = await import('../../functions/create-template-version.ts');
const { handler: start } = await import('../../functions/start-instance-refresh.ts');

const locked = () => {
  const { ConditionalCheckFailedException } = dynamo;
  const item = { target: 'x', executionArn: 'arn:other', runbook: 'ami-rollout', acquiredAt: START };
  const Item = {
    ...Object.fromEntries(Object.entries(item).map(([key, S]) => [key, { S }])),
    redriveCount: { N: '0' },
  } as Record<string, { S: string } | { N: string }>;
  throw new ConditionalCheckFailedException({ message: 'no', $metadata: {}, Item });
};
const dynamo = await import('@aws-sdk/client-dynamodb');

describe('validate-asg', () => {
  const asked = (more: object = {}) =>
    validate(
      { execution: EXECUTION, request: { autoScalingGroupName: GROUP, imageId: NEW, ...more }, startedAt: START },
      CONTEXT,
    );
  const onNew = {
    DescribeLaunchTemplateVersions: () => ({
      LaunchTemplateVersions: [{ VersionNumber: 3, LaunchTemplateData: { ImageId: NEW, InstanceType: 't3.micro' } }],
    }),
    DescribeInstances: () => ({ Reservations: [{ Instances: [{ InstanceId: INSTANCE, ImageId: NEW }] }] }),
  };

  it('answers with the plan and what the group launches now', async () => {
    account();
    expect(await asked({ timeoutSeconds: 3600 })).toEqual({
      status: 'Valid',
      plan: { ...PLAN, instanceCount: 1 },
      previous: PREVIOUS,
    });
  });

  it('has nothing to do where template and instances are on the AMI, and has where only one of them is', async () => {
    account(onNew);
    expect(await asked()).toMatchObject({
      status: 'NothingToDo',
      result: { status: 'NothingToDo', instances: { [NEW]: 1 }, current: [version('3', NEW)], instanceRefreshIds: [] },
    });
    account({
      ...onNew,
      DescribeInstances: () => ({ Reservations: [{ Instances: [{ InstanceId: INSTANCE, ImageId: OLD }] }] }),
    });
    expect(await asked()).toMatchObject({ status: 'Valid' });
    const { DescribeInstances } = onNew;
    account({ DescribeInstances });
    expect(await asked()).toMatchObject({ status: 'Valid' });
  });

  it('has nothing to do where the group is back already, whatever the AMI that is named', async () => {
    account();
    expect(await asked({ backTo: PREVIOUS })).toMatchObject({ status: 'NothingToDo' });
    expect(await asked({ backTo: [version('2', OLD)] })).toMatchObject({
      status: 'Valid',
      plan: { backTo: [version('2', OLD)] },
    });
  });

  it.each([
    ['TargetNotFound', { DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [] }) }],
    ['TargetNotAllowed', { DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [described({ Tags: [] })] }) }],
    [
      'TargetNotAllowed',
      { GetParameter: () => ({ Parameter: { Value: JSON.stringify({ autoScalingGroups: [GROUP] }) } }) },
    ],
    [
      'TargetNotRollable',
      {
        DescribeAutoScalingGroups: () => ({
          AutoScalingGroups: [described({ LaunchTemplate: undefined, LaunchConfigurationName: 'old' })],
        }),
      },
    ],
    [
      'TemplateNotPinned',
      {
        DescribeLaunchTemplateVersions: () => ({
          LaunchTemplateVersions: [{ VersionNumber: 3, LaunchTemplateData: { ImageId: 'resolve:ssm:/ami/linux' } }],
        }),
      },
    ],
    ['ImageDoesNotFit', { DescribeImages: () => ({ Images: [] }) }],
    ['ImageDoesNotFit', { DescribeImages: () => ({ Images: [{ ImageId: NEW, State: 'pending' }] }) }],
    ['ExclusionsUnreadable', { GetParameter: () => ({ Parameter: { Value: '{' } }) }],
  ])('throws %s', async (name, answers) => {
    account(answers);
    await expect(asked()).rejects.toMatchObject({ name });
  });

  it('asks nothing of the AMI where the group goes back', async () => {
    account({ DescribeImages: () => ({ Images: [] }) });
    expect(await asked({ backTo: [version('2', OLD)] })).toMatchObject({ status: 'Valid' });
  });
});

describe('find-instance-refresh', () => {
  const look = (seconds: number, onInstanceRefreshInProgress: 'wait' | 'cancel' = 'wait') => {
    const { execution, since, now } = following(seconds);
    return find({ execution, redriveCount: 0, since, now, plan: { ...PLAN, onInstanceRefreshInProgress } }, CONTEXT);
  };
  const other = (Status: string) => () => ({ InstanceRefreshes: [{ InstanceRefreshId: REFRESH, Status }] });

  it.each(['Successful', 'Failed', 'Cancelled', 'RollbackSuccessful', 'RollbackFailed'])(
    'is free after %s',
    async (status) => {
      account({ DescribeInstanceRefreshes: other(status) });
      expect(await look(0)).toEqual({ status: 'Free' });
    },
  );

  it.each(['Pending', 'InProgress', 'Baking', 'Cancelling', 'RollbackInProgress'])(
    'waits while %s, ever longer',
    async (status) => {
      account({ DescribeInstanceRefreshes: other(status) });
      expect(await look(0)).toEqual({ status: 'InProgress', instanceRefreshId: REFRESH, waitSeconds: 2 });
      expect(await look(800)).toMatchObject({ waitSeconds: 100 });
      await expect(look(3600)).rejects.toMatchObject({ name: 'InstanceRefreshBusy' });
    },
  );

  it.each([
    ['InProgress', 1],
    ['Baking', 1],
    ['RollbackInProgress', 0],
    ['Cancelling', 0],
  ])('that is %s is cancelled %i times where the request says so', async (status, times) => {
    const calls = account({
      DescribeInstanceRefreshes: other(status),
      CancelInstanceRefresh: () => Promise.reject(autoScalingError('ActiveInstanceRefreshNotFoundFault')),
    });
    expect(await look(0, 'cancel')).toMatchObject({ status: 'InProgress' });
    expect(called(calls, 'CancelInstanceRefresh')).toHaveLength(times);
  });

  it.each([
    ['another execution holds its lock', { UpdateItem: locked }, 'TargetLocked'],
    [
      'it has been excluded meanwhile',
      { GetParameter: () => ({ Parameter: { Value: JSON.stringify({ autoScalingGroups: [GROUP] }) } }) },
      'TargetNotAllowed',
    ],
  ])('of a group is not cancelled where %s', async (_, answers, error) => {
    const calls = account({ DescribeInstanceRefreshes: other('InProgress'), ...answers });
    await expect(look(0, 'cancel')).rejects.toMatchObject({ name: error });
    expect(called(calls, 'CancelInstanceRefresh')).toHaveLength(0);
  });

  it('throws TargetNotFound where the group is gone', async () => {
    account({ DescribeInstanceRefreshes: () => Promise.reject(autoScalingError('ValidationError', GONE)) });
    await expect(look(0)).rejects.toMatchObject({ name: 'TargetNotFound' });
  });
});

describe('pin-template', () => {
  it('changes nothing where the group names numbers', async () => {
    const calls = account();
    expect(await pin(changing, CONTEXT)).toEqual({ status: 'Pinned', previous: PREVIOUS, warnings: [] });
    expect(called(calls, 'UpdateAutoScalingGroup')).toEqual([]);
  });

  it.each(['$Latest', '$Default'])('pins %s to its number, and changes nothing else', async (floating) => {
    const calls = account({
      DescribeAutoScalingGroups: () => ({
        AutoScalingGroups: [described({ LaunchTemplate: specification(floating) })],
      }),
      UpdateAutoScalingGroup: () => ({}),
    });
    expect(await pin(changing, CONTEXT)).toMatchObject({
      previous: PREVIOUS,
      warnings: [expect.stringMatching(/^TemplatePinned: /)],
    });
    expect(called(calls, 'UpdateAutoScalingGroup')).toEqual([
      { AutoScalingGroupName: GROUP, LaunchTemplate: { LaunchTemplateId: TEMPLATE, Version: '3' } },
    ]);
  });

  it('keeps all of a mixed-instances policy but the versions', async () => {
    const overrides = [
      { InstanceType: 't3.micro', WeightedCapacity: '2' },
      { InstanceType: 't3.small', LaunchTemplateSpecification: specification('$Latest', OTHER) },
    ];
    const calls = account({
      DescribeAutoScalingGroups: () => ({
        AutoScalingGroups: [
          described({ LaunchTemplate: undefined, MixedInstancesPolicy: policy('$Default', ...overrides) }),
        ],
      }),
      UpdateAutoScalingGroup: () => ({}),
    });
    await pin(changing, CONTEXT);
    expect(called(calls, 'UpdateAutoScalingGroup')).toEqual([
      {
        AutoScalingGroupName: GROUP,
        MixedInstancesPolicy: {
          InstancesDistribution: { OnDemandBaseCapacity: 1 },
          LaunchTemplate: {
            LaunchTemplateSpecification: { LaunchTemplateId: TEMPLATE, Version: '3' },
            Overrides: [
              overrides[0],
              { InstanceType: 't3.small', LaunchTemplateSpecification: { LaunchTemplateId: OTHER, Version: '3' } },
            ],
          },
        },
      },
    ]);
  });

  it('changes nothing without its lock', async () => {
    const calls = account({ UpdateItem: locked });
    await expect(pin(changing, CONTEXT)).rejects.toMatchObject({ name: 'TargetLocked', message: /ami-rollout/ });
    expect(calls).toHaveLength(1);
  });
});

describe('create-template-version', () => {
  const made = (VersionNumber: number, more: object = {}) => ({
    VersionNumber,
    VersionDescription: `Fleetwright: version 3 with ${NEW}`,
    LaunchTemplateData: { InstanceType: 't3.micro', ImageId: NEW },
    ...more,
  });
  const dryRunning = { RunInstances: () => Promise.reject(ec2Error('DryRunOperation', 'would have succeeded', 412)) };
  const creating = {
    ...dryRunning,
    CreateLaunchTemplateVersion: () => ({ LaunchTemplateVersion: { VersionNumber: 4 } }),
  };

  it('makes a version with another AMI and asks EC2 whether it would launch it', async () => {
    const calls = account(creating);
    expect(await create(changing, CONTEXT)).toEqual({ status: 'Created', target: TARGET });
    expect(called(calls, 'CreateLaunchTemplateVersion')).toEqual([
      {
        LaunchTemplateId: TEMPLATE,
        SourceVersion: '3',
        VersionDescription: `Fleetwright: version 3 with ${NEW}`,
        LaunchTemplateData: { ImageId: NEW },
        ClientToken: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect(called(calls, 'RunInstances')).toEqual([
      {
        ...{ DryRun: true, MinCount: 1, MaxCount: 1, InstanceType: 't3.micro', SubnetId: 'subnet-1' },
        LaunchTemplate: { LaunchTemplateId: TEMPLATE, Version: '4' },
      },
    ]);
  });

  it('asks with the same token each time, and with another for another execution', async () => {
    const calls = account(creating);
    await create(changing, CONTEXT);
    await create(changing, CONTEXT);
    await create({ ...changing, execution: { ...changing.execution, arn: 'arn:two' } }, CONTEXT);
    const [one, two, three] = called(calls, 'CreateLaunchTemplateVersion').map(({ ClientToken }) => ClientToken);
    expect(two).toBe(one);
    expect(three).not.toBe(one);
  });

  it.each([
    ['an earlier one of ours', made(7), '7', 0],
    ['one that differs in more', made(7, { LaunchTemplateData: { ImageId: NEW, InstanceType: 't3.small' } }), '4', 1],
    ["somebody else's", made(7, { VersionDescription: 'mine' }), '4', 1],
  ])('takes %s or makes one', async (_, found, expected, times) => {
    const calls = account({
      ...creating,
      DescribeLaunchTemplateVersions: () => ({ LaunchTemplateVersions: versions(found) }),
    });
    expect(await create(changing, CONTEXT)).toMatchObject({ target: [{ version: expected }] });
    expect(called(calls, 'CreateLaunchTemplateVersion')).toHaveLength(times);
  });

  it('makes one for a template that is used twice, and none for one that has the AMI', async () => {
    const own = (id: string) => ({ InstanceType: 't3.micro', LaunchTemplateSpecification: specification('3', id) });
    const calls = account({
      ...creating,
      DescribeAutoScalingGroups: () => ({
        AutoScalingGroups: [
          described({ LaunchTemplate: undefined, MixedInstancesPolicy: policy('3', own(TEMPLATE), own(OTHER)) }),
        ],
      }),
      DescribeLaunchTemplateVersions: ({ LaunchTemplateId }) => ({
        LaunchTemplateVersions:
          LaunchTemplateId === OTHER
            ? [{ VersionNumber: 3, LaunchTemplateData: { ImageId: NEW, InstanceType: 't3.micro' } }]
            : versions(),
      }),
    });
    expect(await create(changing, CONTEXT)).toMatchObject({
      target: [
        version('4', NEW),
        version('4', NEW, { override: 0 }),
        version('3', NEW, { override: 1, launchTemplateId: OTHER }),
      ],
    });
    expect(called(calls, 'CreateLaunchTemplateVersion')).toHaveLength(1);
  });

  it('asks in the subnet of the group by the network interface of the template', async () => {
    const NetworkInterfaces = [{ DeviceIndex: 0, Groups: ['sg-1'], NetworkInterfaceId: undefined }];
    const calls = account({
      ...creating,
      DescribeLaunchTemplateVersions: () => ({
        LaunchTemplateVersions: [
          { VersionNumber: 3, LaunchTemplateData: { ImageId: OLD, InstanceType: 't3.micro', NetworkInterfaces } },
        ],
      }),
    });
    await create(changing, CONTEXT);
    const [asked = {}] = called(calls, 'RunInstances');
    expect(asked['SubnetId']).toBeUndefined();
    expect(asked['NetworkInterfaces']).toEqual([{ DeviceIndex: 0, Groups: ['sg-1'], SubnetId: 'subnet-1' }]);
  });

  it.each([
    ['InvalidBlockDeviceMapping', 400, 'ImageDoesNotFit'],
    ['UnsupportedOperation', 400, 'ImageDoesNotFit'],
    ['UnauthorizedOperation', 403, 'AccessDenied'],
    ['RequestLimitExceeded', 503, 'RequestLimitExceeded'],
    ['InternalError', 500, 'InternalError'],
  ])('turns %s (%i) of the dry run into %s', async (code, status, name) => {
    account({ ...creating, RunInstances: () => Promise.reject(ec2Error(code, 'why', status)) });
    await expect(create(changing, CONTEXT)).rejects.toMatchObject({ name });
  });

  it('looks at everything again', async () => {
    account({ GetParameter: () => ({ Parameter: { Value: JSON.stringify({ autoScalingGroups: [GROUP] }) } }) });
    await expect(create(changing, CONTEXT)).rejects.toMatchObject({ name: 'TargetNotAllowed' });
    account({ UpdateItem: locked });
    await expect(create(changing, CONTEXT)).rejects.toMatchObject({ name: 'TargetLocked' });
  });
});

describe('start-instance-refresh', () => {
  const asked = (more: object = {}, preferences: object = {}) =>
    start(
      {
        ...changing,
        ...{ direction: 'roll', previous: PREVIOUS, target: TARGET },
        ...more,
        plan: { ...PLAN, preferences },
      },
      CONTEXT,
    );
  const starting = { StartInstanceRefresh: () => ({ InstanceRefreshId: REFRESH }) };
  const refresh = (seconds: number, target = TARGET, more: object = {}) => ({
    InstanceRefreshId: REFRESH,
    Status: 'InProgress',
    StartTime: new Date(after(seconds)),
    DesiredConfiguration: { LaunchTemplate: specification(target[0]?.version ?? '') },
    ...more,
  });

  it('starts one to a numbered version that rolls back by itself', async () => {
    const calls = account(starting);
    expect(await asked()).toEqual({ status: 'Started', instanceRefreshId: REFRESH });
    expect(called(calls, 'StartInstanceRefresh')).toEqual([
      {
        AutoScalingGroupName: GROUP,
        DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: TEMPLATE, Version: '4' } },
        Preferences: {
          ...{ AutoRollback: true, SkipMatching: true },
          ...{ ScaleInProtectedInstances: 'Ignore', StandbyInstances: 'Ignore' },
        },
      },
    ]);
  });

  it.each([
    [{ minHealthyPercentage: 100 }, { MinHealthyPercentage: 100, MaxHealthyPercentage: 100 }],
    [{ maxHealthyPercentage: 120 }, { MinHealthyPercentage: 90, MaxHealthyPercentage: 120 }],
    [{ checkpointPercentages: [20, 50] }, { CheckpointPercentages: [20, 50, 100] }],
    [
      { checkpointPercentages: [100], checkpointDelay: 60 },
      { CheckpointPercentages: [100], CheckpointDelay: 60 },
    ],
    [{ alarms: ['errors'] }, { AlarmSpecification: { Alarms: ['errors'] } }],
    [
      { skipMatching: false, bakeTime: 600, instanceWarmup: 30 },
      { SkipMatching: false, BakeTime: 600, InstanceWarmup: 30 },
    ],
    [
      { scaleInProtectedInstances: 'Refresh', standbyInstances: 'Wait' },
      { ScaleInProtectedInstances: 'Refresh', StandbyInstances: 'Wait' },
    ],
  ])('says %j in the words of Auto Scaling', async (given, expected) => {
    const calls = account(starting);
    await asked({}, given);
    expect(called(calls, 'StartInstanceRefresh')[0]?.['Preferences']).toMatchObject(expected);
  });

  it('goes back without pauses and alarms, once', async () => {
    const calls = account(starting);
    const pauses = { alarms: ['errors'], bakeTime: 600, checkpointPercentages: [50], minHealthyPercentage: 50 };
    await asked({ direction: 'back', previous: TARGET, target: PREVIOUS }, pauses);
    expect(called(calls, 'StartInstanceRefresh')[0]).toMatchObject({
      DesiredConfiguration: { LaunchTemplate: { Version: '3' } },
    });
    expect(called(calls, 'StartInstanceRefresh')[0]?.['Preferences']).toEqual({
      ...{ AutoRollback: false, SkipMatching: true, MinHealthyPercentage: 50, MaxHealthyPercentage: 100 },
      ...{ ScaleInProtectedInstances: 'Ignore', StandbyInstances: 'Ignore' },
    });
    expect(called(calls, 'GetParameter')).toEqual([]);
  });

  it.each([
    ['started since', refresh(2), true],
    ['started in the same second', refresh(0.4), true],
    ['that has no time yet', refresh(0, TARGET, { StartTime: undefined, Status: 'Pending' }), true],
    ['of before', refresh(-2), false],
    ['to other versions', refresh(2, PREVIOUS), false],
    ['without a configuration', refresh(2, TARGET, { DesiredConfiguration: undefined }), false],
  ])('finds its own again, one %s', async (_, found, isOwn) => {
    const calls = account({ ...starting, DescribeInstanceRefreshes: () => ({ InstanceRefreshes: [found] }) });
    expect(await asked()).toEqual({ status: 'Started', instanceRefreshId: REFRESH });
    expect(called(calls, 'StartInstanceRefresh')).toHaveLength(isOwn ? 0 : 1);
  });

  it("tells its own from somebody else's where one is in progress", async () => {
    const refused = {
      StartInstanceRefresh: () => Promise.reject(autoScalingError('InstanceRefreshInProgressFault')),
    };
    account({ ...refused, DescribeInstanceRefreshes: () => ({ InstanceRefreshes: [refresh(2, PREVIOUS)] }) });
    expect(await asked()).toEqual({ status: 'InProgress' });
    let looks = 0;
    account({
      ...refused,
      DescribeInstanceRefreshes: () => ({ InstanceRefreshes: looks++ === 0 ? [] : [refresh(2)] }),
    });
    expect(await asked()).toEqual({ status: 'Started', instanceRefreshId: REFRESH });
  });

  it.each([
    ['InstanceRefreshRefused', autoScalingError('ValidationError', 'The CloudWatch alarm errors was not found.')],
    ['InstanceRefreshRefused', autoScalingError('AccessDenied')],
    ['TargetNotFound', autoScalingError('ValidationError', GONE)],
    ['ResourceContentionFault', autoScalingError('ResourceContentionFault', 'pending', 500)],
    ['ThrottlingException', autoScalingError('ThrottlingException')],
    ['TimeoutError', Object.assign(new Error('no answer'), { name: 'TimeoutError' })],
  ])('throws %s', async (name, error) => {
    account({ StartInstanceRefresh: () => Promise.reject(error) });
    await expect(asked()).rejects.toMatchObject({ name });
  });

  it.each([
    ['TargetLocked', { UpdateItem: locked }],
    ['TargetNotAllowed', { DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [described({ Tags: [] })] }) }],
    ['TargetNotFound', { DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [] }) }],
    [
      'TargetNotRollable',
      { DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [described({ LaunchTemplate: specification('5') })] }) },
    ],
  ])('throws %s and starts nothing where something changed meanwhile', async (name, answers) => {
    const calls = account({ ...starting, ...answers });
    await expect(asked()).rejects.toMatchObject({ name });
    expect(called(calls, 'StartInstanceRefresh')).toEqual([]);
  });
});
