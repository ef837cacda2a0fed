import type { LaunchTemplate, LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import { describe, expect, it } from '@jest/globals';
import { amiId, AMI, imageWorld } from './support.ts';

const NAME = { LaunchTemplateName: 'web' };
const FIRST = { ImageId: AMI, InstanceType: 't3.small' } as const;
const NEXT = amiId(1);

async function templateWorld() {
  const on = await imageWorld({ next: { id: NEXT } });
  const call = <O = Record<string, unknown>>(operation: string, input: object = {}) =>
    on.call<O>('ec2', operation, input);
  const failure = (operation: string, input: object = {}) => on.failure('ec2', operation, input);
  const { LaunchTemplate: template } = await call<{ LaunchTemplate: LaunchTemplate }>('CreateLaunchTemplate', {
    ...NAME,
    LaunchTemplateData: FIRST,
    TagSpecifications: [{ ResourceType: 'launch-template', Tags: [{ Key: 'Team', Value: 'shop' }] }],
  });
  const add = async (input: object) =>
    (
      await call<{ LaunchTemplateVersion: LaunchTemplateVersion }>('CreateLaunchTemplateVersion', {
        ...NAME,
        LaunchTemplateData: { ImageId: NEXT },
        ...input,
      })
    ).LaunchTemplateVersion;
  const versions = async (input: object) =>
    (
      await call<{ LaunchTemplateVersions: LaunchTemplateVersion[]; NextToken?: string }>(
        'DescribeLaunchTemplateVersions',
        input,
      )
    ).LaunchTemplateVersions.map(({ VersionNumber: number }) => number);
  return { ...on, call, failure, template, id: template.LaunchTemplateId ?? '', add, versions };
}

describe('CreateLaunchTemplate', () => {
  it('makes a template with version 1 as the default, tagged', async () => {
    const { template, call } = await templateWorld();
    expect(template).toMatchObject({
      ...NAME,
      CreatedBy: 'arn:aws:iam::123456789012:user/operator',
      DefaultVersionNumber: 1,
      LatestVersionNumber: 1,
      Tags: [{ Key: 'Team', Value: 'shop' }],
    });
    expect(await call('DescribeLaunchTemplates')).toEqual({ LaunchTemplates: [template], NextToken: undefined });
  });

  it('is idempotent by its token', async () => {
    const { call, failure } = await templateWorld();
    const input = { LaunchTemplateName: 'db1', LaunchTemplateData: FIRST, ClientToken: 't' };
    expect(await call('CreateLaunchTemplate', input)).toEqual(await call('CreateLaunchTemplate', input));
    expect(await failure('CreateLaunchTemplate', { ...input, LaunchTemplateName: 'db2' })).toContain(
      'IdempotentParameterMismatch',
    );
  });

  it.each([
    [{ ...NAME }, 'InvalidLaunchTemplateName.AlreadyExistsException: Launch template name already in use.'],
    [{ LaunchTemplateName: 'a b' }, 'InvalidLaunchTemplateName.MalformedException'],
    [{ LaunchTemplateName: 'db1', LaunchTemplateData: {} }, 'MissingParameter'],
    [{ LaunchTemplateName: 'db1', LaunchTemplateData: { ImageId: 'resolve:ssm:/no' } }, 'SsmInvalidParameter'],
    [{ LaunchTemplateName: 'db1', DryRun: true }, 'DryRunOperation'],
  ])('refuses %j', async (input, error) => {
    const { failure } = await templateWorld();
    expect(await failure('CreateLaunchTemplate', { LaunchTemplateData: FIRST, ...input })).toContain(error);
  });
});

describe('CreateLaunchTemplateVersion', () => {
  it('changes the source version member by member, or starts anew without one', async () => {
    const { add } = await templateWorld();
    const based = await add({ SourceVersion: '1', VersionDescription: 'next' });
    expect(based).toMatchObject({ VersionNumber: 2, VersionDescription: 'next', DefaultVersion: false });
    expect(based.LaunchTemplateData).toEqual({ ...FIRST, ImageId: NEXT });
    expect((await add({})).LaunchTemplateData).toEqual({ ImageId: NEXT });
    expect((await add({ SourceVersion: '$Latest', LaunchTemplateData: { KeyName: 'k' } })).LaunchTemplateData).toEqual({
      ImageId: NEXT,
      KeyName: 'k',
    });
  });

  it('leaves the snapshots of the source behind', async () => {
    const { add } = await templateWorld();
    const Ebs = { SnapshotId: 'snap-0123456789abcdef0', VolumeSize: 9 };
    await add({ LaunchTemplateData: { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs }] } });
    const { LaunchTemplateData: data } = await add({ SourceVersion: '2' });
    expect(data?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId).toBeUndefined();
    expect(data?.BlockDeviceMappings?.[0]?.Ebs?.VolumeSize).toBe(9);
  });

  it('makes one version for a token, whose parameters may not change', async () => {
    const { add, failure, versions } = await templateWorld();
    const ClientToken = 'once';
    const first = await add({ ClientToken, SourceVersion: '1' });
    expect(await add({ ClientToken, SourceVersion: '1' })).toEqual(first);
    expect(await versions(NAME)).toEqual([2, 1]);
    const other = { ...NAME, ClientToken, LaunchTemplateData: { ImageId: AMI } };
    expect(await failure('CreateLaunchTemplateVersion', other)).toContain('IdempotentParameterMismatch');
  });

  it('asks IAM for the template with its tags', async () => {
    const { add, id, world } = await templateWorld();
    await add({});
    expect(world.dispatcher.journal.at(-1)?.permissions).toEqual([
      {
        action: 'ec2:CreateLaunchTemplateVersion',
        resource: `arn:aws:ec2:eu-central-1:123456789012:launch-template/${id}`,
        context: { 'aws:ResourceTag/Team': 'shop', 'ec2:ResourceTag/Team': 'shop' },
      },
    ]);
  });
});

describe('DescribeLaunchTemplateVersions', () => {
  it.each<[object, number[]]>([
    [NAME, [4, 3, 2, 1]],
    [{ ...NAME, Versions: ['1', '$Latest'] }, [4, 1]],
    [{ ...NAME, Versions: ['$Default', '1'] }, [1]],
    [{ ...NAME, MinVersion: '2', MaxVersion: '3' }, [3, 2]],
    [{ ...NAME, Filters: [{ Name: 'image-id', Values: [AMI] }] }, [1]],
    [{ ...NAME, Filters: [{ Name: 'is-default-version', Values: ['true'] }] }, [1]],
    [{ Versions: ['$Latest'] }, [4]],
    [{ ...NAME, MaxResults: 3 }, [4, 3, 2]],
  ])('%j', async (input, numbers) => {
    const { add, versions } = await templateWorld();
    for (let number = 2; number <= 4; number++) await add({});
    expect(await versions(input)).toEqual(numbers);
  });

  it('resolves a parameter where it is asked to, with the permission that takes', async () => {
    const { add, call, ssm, world } = await templateWorld();
    ssm.parameters.put({ name: '/ami/web', value: NEXT, type: 'String', dataType: 'aws:ec2:image' }, 'me');
    const ImageId = 'resolve:ssm:/ami/web';
    await add({ LaunchTemplateData: { ImageId } });
    const described = async (input: object) =>
      (
        await call<{ LaunchTemplateVersions: LaunchTemplateVersion[] }>('DescribeLaunchTemplateVersions', {
          ...NAME,
          Versions: ['2'],
          ...input,
        })
      ).LaunchTemplateVersions[0]?.LaunchTemplateData?.ImageId;
    expect([await described({}), await described({ ResolveAlias: true })]).toEqual([ImageId, NEXT]);
    expect(world.dispatcher.journal.at(-1)?.permissions.map(({ action }) => action)).toEqual([
      'ec2:DescribeLaunchTemplateVersions',
      'ssm:GetParameters',
    ]);
  });

  it.each([
    [{ ...NAME, Versions: ['9'] }, 'InvalidLaunchTemplateId.VersionNotFound: Could not find the specified version 9'],
    [{ LaunchTemplateId: 'lt-0123456789abcdef0' }, 'InvalidLaunchTemplateId.NotFound'],
    [{ Versions: ['1'] }, 'InvalidParameterCombination'],
    [{}, 'InvalidParameterCombination'],
    [{ ...NAME, Filters: [{ Name: 'nope', Values: [] }] }, "InvalidParameterValue: The filter 'nope' is invalid"],
  ])('refuses %j', async (input, error) => {
    const { failure } = await templateWorld();
    expect(await failure('DescribeLaunchTemplateVersions', input)).toContain(error);
  });
});

describe('DescribeLaunchTemplates', () => {
  it('finds by id, name, tag and name filter', async () => {
    const { call, id } = await templateWorld();
    await call('CreateLaunchTemplate', { LaunchTemplateName: 'db1', LaunchTemplateData: FIRST });
    const names = async (input: object) =>
      (await call<{ LaunchTemplates: LaunchTemplate[] }>('DescribeLaunchTemplates', input)).LaunchTemplates.map(
        ({ LaunchTemplateName: name }) => name,
      );
    expect(await names({})).toEqual(['web', 'db1']);
    expect(await names({ LaunchTemplateIds: [id] })).toEqual(['web']);
    expect(await names({ LaunchTemplateNames: ['db1'] })).toEqual(['db1']);
    expect(await names({ Filters: [{ Name: 'tag:Team', Values: ['shop'] }] })).toEqual(['web']);
    expect(await names({ Filters: [{ Name: 'launch-template-name', Values: ['d*'] }] })).toEqual(['db1']);
    expect(await names({ MaxResults: 1 })).toEqual(['web']);
  });

  it.each([
    [
      { LaunchTemplateNames: ['no1'] },
      'InvalidLaunchTemplateName.NotFoundException: At least one of the launch templates',
    ],
    [{ LaunchTemplateIds: ['lt-0123456789abcdef0'] }, 'InvalidLaunchTemplateId.NotFound'],
    [{ LaunchTemplateIds: ['web'] }, 'InvalidLaunchTemplateId.Malformed'],
    [{ LaunchTemplateIds: ['lt-0123456789abcdef0'], LaunchTemplateNames: ['web'] }, 'InvalidParameterCombination'],
  ])('refuses %j', async (input, error) => {
    const { failure } = await templateWorld();
    expect(await failure('DescribeLaunchTemplates', input)).toContain(error);
  });
});

describe('changes', () => {
  it('set the default, delete versions but the default one, and never use a number again', async () => {
    const { add, call, versions } = await templateWorld();
    for (let number = 2; number <= 3; number++) await add({});
    expect(await call('ModifyLaunchTemplate', { ...NAME, DefaultVersion: '2' })).toMatchObject({
      LaunchTemplate: { DefaultVersionNumber: 2, LatestVersionNumber: 3 },
    });
    expect(await call('DeleteLaunchTemplateVersions', { ...NAME, Versions: ['1', '2', '3', '9'] })).toMatchObject({
      SuccessfullyDeletedLaunchTemplateVersions: [{ VersionNumber: 1 }, { VersionNumber: 3 }],
      UnsuccessfullyDeletedLaunchTemplateVersions: [
        { VersionNumber: 2, ResponseError: { Code: 'unexpectedError' } },
        { VersionNumber: 9, ResponseError: { Code: 'launchTemplateVersionDoesNotExist' } },
      ],
    });
    expect(await add({})).toMatchObject({ VersionNumber: 4 });
    expect(await versions(NAME)).toEqual([4, 2]);
  });

  it('delete a template, and write its tags', async () => {
    const { call, failure, id } = await templateWorld();
    await call('CreateTags', { Resources: [id], Tags: [{ Key: 'Stage', Value: 'test' }] });
    expect(await call('DescribeLaunchTemplates', NAME_FILTER)).toMatchObject({
      LaunchTemplates: [
        {
          Tags: [
            { Key: 'Team', Value: 'shop' },
            { Key: 'Stage', Value: 'test' },
          ],
        },
      ],
    });
    await call('DeleteLaunchTemplate', { LaunchTemplateId: id });
    expect(await failure('DeleteLaunchTemplate', NAME)).toContain('InvalidLaunchTemplateName.NotFoundException');
  });

  it('refuse a version that there is not', async () => {
    const { failure } = await templateWorld();
    expect(await failure('ModifyLaunchTemplate', { ...NAME, DefaultVersion: '7' })).toContain(
      'InvalidLaunchTemplateId.VersionNotFound',
    );
  });
});

const NAME_FILTER = { LaunchTemplateNames: ['web'] };
