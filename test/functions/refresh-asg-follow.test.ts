import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CONTEXT, INSTANCE } from './support.ts';
import {
  account, autoScalingError, called, changing, described, following, GONE, GROUP, NEW, OLD, PLAN, PREVIOUS, REFRESH, specification, TARGET,
} from './refresh-asg-support.ts'; // prettier-ignore

const { handler: check } = await import('../../functions/check-instance-refresh.ts');
const { handler: rollBack } = await import('../../functions/rollback-instance-refresh.ts');
const { handler: verify } = await import('../../functions/verify-asg.ts');

const refreshing = (Status: string, more: object = {}) => ({
  DescribeInstanceRefreshes: () => ({
    InstanceRefreshes: [{ InstanceRefreshId: REFRESH, Status, PercentageComplete: 42, ...more }],
  }),
});
const gone = { DescribeInstanceRefreshes: () => Promise.reject(autoScalingError('ValidationError', GONE)) };

describe('check-instance-refresh', () => {
  it.each([
    ['Pending', 'at 42 % of 12 instances'],
    ['InProgress', 'at 42 % of 12 instances'],
    ['Baking', 'baking after 42 % of 12 instances'],
    ['Cancelling', 'being cancelled at 42 % of 12 instances'],
    ['RollbackInProgress', 'rolling back from 42 % of 12 instances'],
  ])('follows one that is %s', async (status, progress) => {
    account(refreshing(status));
    expect(await check(following(80), CONTEXT)).toEqual({ status: 'Pending', waitSeconds: 10, progress });
    expect(await check(following(3600), CONTEXT)).toMatchObject({ status: 'Overdue' });
  });

  it.each([
    ['Successful', { StatusReason: undefined }, 'Successful', ''],
    ['Failed', { StatusReason: 'No progress.' }, 'Failed', 'No progress.'],
    ['RollbackFailed', {}, 'Failed', 'RollbackFailed'],
    ['Cancelled', { StatusReason: 'By request.' }, 'Cancelled', 'By request.'],
    [
      'RollbackSuccessful',
      { StatusReason: 'Rolled back.', RollbackDetails: { RollbackReason: 'An alarm.' } },
      'RolledBack',
      'An alarm. Rolled back.',
    ],
  ])('has ended with %s, also after its time', async (status, more, expected, reason) => {
    account(refreshing(status, more));
    expect(await check(following(9999), CONTEXT)).toEqual({ status: expected, reason });
  });

  it('waits for one that is not to be seen yet, for a minute', async () => {
    account();
    expect(await check(following(5), CONTEXT)).toMatchObject({ status: 'Pending' });
    expect(await check(following(60), CONTEXT)).toMatchObject({ status: 'Gone' });
  });

  it('is gone with its group', async () => {
    account(gone);
    expect(await check(following(5), CONTEXT)).toEqual({ status: 'Gone', reason: 'The group was deleted meanwhile.' });
  });
});

describe('rollback-instance-refresh', () => {
  const asked = () => rollBack({ ...changing, instanceRefreshId: REFRESH }, CONTEXT);
  const answer = (name: string) => ({ RollbackInstanceRefresh: () => Promise.reject(autoScalingError(name)) });

  it.each([
    ['InProgress', {}, 'RollingBack', 1],
    ['Baking', {}, 'RollingBack', 1],
    ['RollbackInProgress', {}, 'RollingBack', 0],
    ['Cancelling', {}, 'RollingBack', 0],
    ['Successful', {}, 'Ended', 0],
    ['Failed', {}, 'Ended', 0],
    ['InProgress', answer('ActiveInstanceRefreshNotFoundFault'), 'Ended', 1],
    ['InProgress', answer('IrreversibleInstanceRefreshFault'), 'Irreversible', 1],
  ])('of one that is %s', async (status, answers, expected, times) => {
    const calls = account({
      ...refreshing(status),
      RollbackInstanceRefresh: () => ({}),
      ...answers,
    });
    expect(await asked()).toEqual({ status: expected });
    expect(called(calls, 'RollbackInstanceRefresh')).toHaveLength(times);
  });

  it('has nothing to do where the group is gone', async () => {
    account(gone);
    expect(await asked()).toEqual({ status: 'Ended' });
  });
});

describe('verify-asg', () => {
  const asked = (end: object = {}, more: object = {}) =>
    verify(
      {
        ...{ execution: changing.execution, plan: PLAN, previous: PREVIOUS, target: TARGET },
        end: { status: 'Successful', reason: '', ...end },
        ...{ instanceRefreshIds: [REFRESH], warnings: ['before'] },
        ...more,
      },
      CONTEXT,
    );
  const ids = [INSTANCE, 'i-0123456789abcdef1'];
  /** A group that launches a version, and runs an AMI on each of its two instances. */
  const group = (launches: string, images: readonly string[], instances: readonly object[] = [{}, {}]) => ({
    DescribeAutoScalingGroups: () => ({
      AutoScalingGroups: [
        described({
          LaunchTemplate: specification(launches),
          Instances: ids.map((InstanceId, index) => ({ InstanceId, LifecycleState: 'InService', ...instances[index] })),
        }),
      ],
    }),
    DescribeLaunchTemplateVersions: () => ({
      LaunchTemplateVersions: [
        { VersionNumber: 3, LaunchTemplateData: { ImageId: OLD } },
        { VersionNumber: 4, LaunchTemplateData: { ImageId: NEW } },
        { VersionNumber: 5, LaunchTemplateData: { ImageId: NEW } },
      ],
    }),
    DescribeInstances: () => ({
      Reservations: [{ Instances: ids.map((InstanceId, index) => ({ InstanceId, ImageId: images[index] })) }],
    }),
  });
  const REPAIR = `aws autoscaling start-instance-refresh --auto-scaling-group-name 'web'\\''s' --preferences '{"SkipMatching":true}'`;

  it('finds a group refreshed', async () => {
    account(group('4', [NEW, NEW]));
    expect(await asked()).toEqual({
      ...{ autoScalingGroupName: GROUP, imageId: NEW, status: 'Refreshed', statusReason: '' },
      ...{ previous: PREVIOUS, current: TARGET, instanceRefreshIds: [REFRESH], instances: { [NEW]: 2 } },
      warnings: ['before'],
    });
  });

  it.each([
    ['refreshed although it could not be followed', '4', [NEW, NEW], 'Unknown', [REFRESH], 'Refreshed'],
    ['rolled back', '3', [OLD, OLD], 'RolledBack', [REFRESH], 'RolledBack'],
    ['as it was although nothing was started', '3', [OLD, OLD], 'Unknown', [], 'Failed'],
    ['of other versions', '5', [NEW, NEW], 'Successful', [REFRESH], 'Failed'],
  ])('finds a group %s', async (_, launches, images, status, instanceRefreshIds, expected) => {
    account(group(launches, images));
    expect(await asked({ status, reason: 'why' }, { instanceRefreshIds })).toMatchObject({
      status: expected,
      statusReason: 'why',
    });
  });

  it.each([
    ['3', 'Failed'],
    ['4', 'Successful'],
  ])('names the instance of a mixed group that launches version %s, and the command', async (launches, status) => {
    account(group(launches, [NEW, OLD]));
    const stray = ids[launches === '3' ? 0 : 1];
    expect(await asked({ status, reason: 'No progress.' })).toMatchObject({
      status: 'Failed',
      statusReason: `No progress. ${stray} is not on what the group launches.`,
      instances: { [NEW]: 1, [OLD]: 1 },
      repairCommand: REPAIR,
    });
  });

  it.each([
    [{ ProtectedFromScaleIn: true }, '"ScaleInProtectedInstances":"Refresh"', 'protected from scale-in'],
    [{ LifecycleState: 'Standby' }, '"StandbyInstances":"Terminate"', 'in standby'],
  ])('tells of what was left alone: %j', async (instance, preference, words) => {
    account(group('4', [NEW, OLD], [{}, instance]));
    expect(await asked()).toMatchObject({
      status: 'Refreshed',
      repairCommand: REPAIR.replace('true}', `true,${preference}}`),
      warnings: ['before', `InstanceNotReplaced: ${ids[1]} is ${words} and runs another AMI`],
    });
  });

  it.each([
    ['InProgress', REFRESH, 'rollback-instance-refresh'],
    ['RollbackInProgress', REFRESH, 'describe-instance-refreshes'],
    ['InProgress', 'other', 'describe-instance-refreshes'],
  ])('says that a refresh goes on: %s', async (status, InstanceRefreshId, verb) => {
    account({ ...group('3', [OLD, OLD]), ...refreshing(status, { InstanceRefreshId }) });
    expect(await asked({ status: 'Overdue', reason: 'why' })).toMatchObject({
      status: 'Failed',
      statusReason: `why The instance refresh ${InstanceRefreshId} goes on.`,
      repairCommand: `aws autoscaling ${verb} --auto-scaling-group-name 'web'\\''s'`,
    });
  });

  it('says that the group is gone', async () => {
    account({ DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [] }) });
    expect(await asked({ status: 'Gone', reason: 'x' })).toMatchObject({
      status: 'Failed',
      statusReason: 'The group was deleted meanwhile.',
      current: PREVIOUS,
      instances: {},
    });
  });

  it('never calls a mixed group refreshed or rolled back, and always says how to repair it', async () => {
    const image = fc.constantFrom(OLD, NEW);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('3', '4'),
        fc.tuple(image, image),
        fc.boolean(),
        fc.constantFrom('Successful', 'Failed', 'RolledBack', 'Unknown'),
        async (launches, images, isProtected, status) => {
          account(group(launches, images, [{}, { ProtectedFromScaleIn: isProtected }]));
          const result = await asked({ status, reason: status });
          const [one, other] = images;
          const launched = launches === '3' ? OLD : NEW;
          if (one !== other || one !== launched) expect(result.repairCommand).toContain('start-instance-refresh');
          else expect(result.repairCommand).toBeUndefined();
          const wholly = one === launched && (other === launched || isProtected);
          expect(result.status).toBe(wholly ? { 3: 'RolledBack', 4: 'Refreshed' }[launches] : 'Failed');
        },
      ),
      { numRuns: 60 },
    );
  });
});
