import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { after, awsError, CONTEXT, EXECUTION, fakeAws, START } from './support.ts';

Object.assign(process.env, {
  TAG_KEY: 'SSMRunAllowed',
  TAG_VALUE: 'true',
  EXCLUDED_ASGS: '',
  EXCLUDED_INSTANCES: '',
  EXCLUSIONS_PARAMETER: '/fleetwright/dev/exclusions',
});
const { handler: validate } = await import('../../functions/validate-association.ts');
const { handler: check } = await import('../../functions/check-association.ts');
const { countsIn } = await import('../../functions/lib/associations/executions.ts');

const ID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const idOf = (index: number): string => `i-${String(index).padStart(17, '0')}`;

/** So many managed instances, of which some are not tagged, behind an association. */
function fleet({
  count = 1,
  untagged = 0,
  association = {},
}: { count?: number; untagged?: number; association?: object } = {}) {
  const ids = Array.from({ length: count }, (_, index) => idOf(index));
  return fakeAws({
    DescribeAssociation: () => ({
      AssociationDescription: { AssociationId: ID, Targets: [{ Key: 'tag:Role', Values: ['web'] }], ...association },
    }),
    GetParameter: () => ({ Parameter: { Value: '{}' } }),
    DescribeInstanceInformation: ({ NextToken = '0' }) => {
      const from = Number(NextToken);
      return {
        InstanceInformationList: ids.slice(from, from + 50).map((InstanceId) => ({ InstanceId })),
        NextToken: from + 50 < count ? String(from + 50) : undefined,
      };
    },
    DescribeInstances: ({ Filters }) => ({
      Reservations: [
        {
          Instances: (Filters as [{ Values: string[] }])[0].Values.map((InstanceId) => ({
            InstanceId,
            Tags: ids.indexOf(InstanceId) < untagged ? [] : [{ Key: 'SSMRunAllowed', Value: 'true' }],
          })),
        },
      ],
    }),
  });
}
const validated = () => validate({ execution: EXECUTION, request: { associationId: ID } }, CONTEXT);

describe('validate-association', () => {
  it.each([
    [0, [1]],
    [49, [50]],
    [50, [50, 1]],
    [1000, [...Array.from({ length: 20 }, () => 50), 1]],
  ])('locks the association and %i instances in sorted batches', async (count, sizes) => {
    fleet({ count });
    const { locks, instanceIds } = await validated();
    expect(locks.map((batch) => batch.length)).toEqual(sizes);
    expect(locks.flat()).toEqual([`association/${ID}`, ...instanceIds.map((id) => `instance/${id}`)]);
    expect(locks.flat()).toEqual([...locks.flat()].sort());
  });

  it('names the first 50 that may not be touched, and how many more there are', async () => {
    fleet({ count: 60, untagged: 55 });
    const message = await validated().then(String, (error: unknown) => (error as Error).message);
    expect(message.match(/is not tagged/g)).toHaveLength(50);
    expect(message).toMatch(/; and 5 more\. Nothing was started$/);
  });

  it('takes every managed instance for *', async () => {
    const calls = fleet({ association: { Targets: [{ Key: 'InstanceIds', Values: ['*'] }] } });
    await validated();
    expect(calls.find(({ operation }) => operation === 'DescribeInstanceInformation')?.input).toMatchObject({
      Filters: [],
    });
  });

  it.each([
    ['an Automation runbook', { AutomationTargetParameterName: 'InstanceId' }, /Automation/],
    ['TargetMaps', { Targets: undefined, TargetMaps: [{ InstanceId: [idOf(1)] }] }, /TargetMaps/],
    ['TargetLocations', { TargetLocations: [{ Regions: ['eu-west-1'] }] }, /TargetLocations/],
    ['a resource group', { Targets: [{ Key: 'resource-groups:Name', Values: ['web'] }] }, /resource-groups:Name/],
    ['no targets', { Targets: [] }, /has none/],
  ])('does not enumerate %s', async (_, association, message) => {
    fleet({ association });
    await expect(validated()).rejects.toMatchObject({
      name: 'TargetNotAllowed',
      message: expect.stringMatching(message),
    });
  });

  it('locks no more than 1,000', async () => {
    fleet({ count: 1001 });
    await expect(validated()).rejects.toMatchObject({ name: 'TargetNotAllowed', message: /more than 1000 targets/ });
  });

  it('names a node that EC2 does not know', async () => {
    const calls = fleet();
    expect(calls).toEqual([]);
    fakeAws({
      DescribeAssociation: () => ({
        AssociationDescription: { AssociationId: ID, Targets: [{ Key: 'tag-key', Values: ['x'] }] },
      }),
      GetParameter: () => ({ Parameter: { Value: '{}' } }),
      DescribeInstanceInformation: () => ({ InstanceInformationList: [{ InstanceId: 'mi-0123456789abcdef0' }] }),
      DescribeInstances: () => ({ Reservations: [] }),
    });
    await expect(validated()).rejects.toMatchObject({
      name: 'TargetNotAllowed',
      message: /mi-0123456789abcdef0 is no EC2 instance/,
    });
  });

  it('knows no association by AssociationDoesNotExist', async () => {
    fakeAws({ DescribeAssociation: () => Promise.reject(awsError('AssociationDoesNotExist')) });
    await expect(validated()).rejects.toMatchObject({ name: 'AssociationNotFound' });
  });
});

describe('check-association', () => {
  const at = (seconds: number) => ({
    execution: EXECUTION,
    associationId: ID,
    timeoutSeconds: 600,
    startedAt: START,
    now: after(seconds),
  });
  const execution = (ExecutionId: string, seconds: number, Status: string) => ({
    ExecutionId,
    Status,
    CreatedTime: new Date(after(seconds)),
    ResourceCountByStatus: '{Success=120, Failed=1}',
  });

  it('looks on while nothing is to be seen, for a minute', async () => {
    fakeAws({ DescribeAssociationExecutions: () => ({}) });
    expect(await check(at(10), CONTEXT)).toEqual({ status: 'Pending', waitSeconds: 2, progress: '' });
    await expect(check(at(60), CONTEXT)).rejects.toMatchObject({ name: 'AssociationStateUnknown' });
  });

  it('tells the counts of one that runs, until the deadline', async () => {
    fakeAws({ DescribeAssociationExecutions: () => ({ AssociationExecutions: [execution('a', 1, 'InProgress')] }) });
    expect(await check(at(80), CONTEXT)).toEqual({
      status: 'Pending',
      waitSeconds: 10,
      progress: 'Success 120, Failed 1',
    });
    await expect(check(at(600), CONTEXT)).rejects.toMatchObject({
      name: 'AssociationTimedOut',
      message: /--execution-id a$/,
    });
  });

  it('answers with 100 targets of the earliest, those that failed first', async () => {
    const targets = Array.from({ length: 121 }, (_, index) => ({
      ResourceId: idOf(index),
      ResourceType: 'ManagedInstance',
      Status: index === 77 ? 'Failed' : 'Success',
    }));
    const calls = fakeAws({
      DescribeAssociationExecutions: () => ({
        AssociationExecutions: [execution('later', 2, 'Success'), execution('earliest', 1, 'Failed')],
      }),
      DescribeAssociationExecutionTargets: () => ({ AssociationExecutionTargets: targets }),
    });
    const { outcome } = (await check(at(80), CONTEXT)) as Extract<
      Awaited<ReturnType<typeof check>>,
      { outcome: object }
    >;
    expect(outcome).toMatchObject({ executionId: 'earliest', status: 'Failed', targetCount: 121 });
    expect(outcome.targets).toHaveLength(100);
    expect(outcome.targets.slice(0, 2)).toMatchObject([
      { resourceId: idOf(77), status: 'Failed' },
      { resourceId: idOf(0) },
    ]);
    expect(outcome.warnings).toEqual([expect.stringMatching(/^ExecutionAmbiguous: .*later/)]);
    expect(calls[0]?.input).toMatchObject({ Filters: [{ Key: 'CreatedTime', Type: 'GREATER_THAN', Value: START }] });
  });

  it('reads the counts that AWS writes', () => {
    const counts = fc.dictionary(fc.stringMatching(/^[A-Z][a-z]{2,9}$/), fc.nat());
    fc.assert(
      fc.property(counts, (given) => {
        const written = `{${Object.entries(given)
          .map((entry) => entry.join('='))
          .join(', ')}}`;
        expect(countsIn(written)).toEqual({ ...given });
      }),
    );
  });
});
