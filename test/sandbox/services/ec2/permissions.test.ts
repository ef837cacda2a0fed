import { describe, expect, it } from '@jest/globals';
import type { Authorize } from '../../../../sandbox/core/dispatcher.ts';
import { createIam, IdentityPolicy } from '../../../../sandbox/services/iam/index.ts';
import { caller } from '../../support/service.ts';
import { AMI, imageWorld } from './support.ts';

const OURS = 'arn:aws:ec2:eu-central-1:123456789012';
const RESOURCES = ['subnet', 'security-group', 'network-interface', 'volume'];

/** Launches only small machines, from templates of one team, with a tag of it. */
const LAUNCH = [
  {
    Effect: 'Allow',
    Action: 'ec2:RunInstances',
    Resource: ['arn:aws:ec2:*::image/*', ...RESOURCES.map((type) => `${OURS}:${type}/*`)],
  },
  {
    Effect: 'Allow',
    Action: 'ec2:RunInstances',
    Resource: `${OURS}:instance/*`,
    Condition: {
      StringEquals: { 'ec2:InstanceType': 't3.small', 'aws:RequestTag/Team': 'shop' },
      ArnLike: { 'ec2:LaunchTemplate': `${OURS}:launch-template/*` },
    },
  },
  {
    Effect: 'Allow',
    Action: ['ec2:RunInstances', 'ec2:CreateLaunchTemplateVersion'],
    Resource: `${OURS}:launch-template/*`,
    Condition: { StringEquals: { 'aws:ResourceTag/Team': 'shop' } },
  },
];
const TAG = {
  Effect: 'Allow',
  Action: 'ec2:CreateTags',
  Resource: `${OURS}:instance/*`,
  Condition: {
    StringEquals: { 'ec2:CreateAction': 'RunInstances' },
    'ForAllValues:StringEquals': { 'aws:TagKeys': ['Team'] },
  },
};

async function as(...statements: (typeof TAG | (typeof LAUNCH)[number])[]) {
  let authorize: Authorize = async () => undefined;
  const on = await imageWorld({}, { authorize: (...asked) => authorize(...asked) });
  const iam = createIam(on.world);
  const user = await iam.addUser('launcher', [IdentityPolicy.parse({ Version: '2012-10-17', Statement: statements })]);
  await iam.prepare();
  for (const [name, team] of Object.entries({ web: 'shop', other: 'books' }))
    on.ec2.templates.create({
      ...{ name, createdBy: 'test', tags: { Team: team } },
      data: { ImageId: AMI, InstanceType: 't3.small' },
    });
  authorize = iam.authorize;
  const call = caller(on.world, 'ec2');
  const tags = (Team: string) => [{ ResourceType: 'instance', Tags: [{ Key: 'Team', Value: Team }] }];
  const run = (input: object = {}, team = 'shop') =>
    call(
      'RunInstances',
      {
        LaunchTemplate: { LaunchTemplateName: 'web' },
        ...{ MinCount: 1, MaxCount: 1, TagSpecifications: tags(team), ...input },
      },
      user,
    );
  return { ...on, run, create: (input: object) => call('CreateLaunchTemplateVersion', input, user) };
}

describe('policies decide about', () => {
  it('a launch by its template, type and tags', async () => {
    const { run } = await as(...LAUNCH, TAG);
    await expect(run()).resolves.toHaveProperty('Instances.length', 1);
    await expect(run({ DryRun: true })).rejects.toMatchObject({ code: 'DryRunOperation' });
    const denied = { code: 'UnauthorizedOperation' };
    await expect(run({ InstanceType: 't3.large', DryRun: true })).rejects.toMatchObject(denied);
    await expect(run({}, 'books')).rejects.toMatchObject(denied);
    await expect(run({ LaunchTemplate: { LaunchTemplateName: 'other' } })).rejects.toMatchObject(denied);
    await expect(run({ LaunchTemplate: undefined, ImageId: AMI, InstanceType: 't3.small' })).rejects.toMatchObject(
      denied,
    );
  });

  it('the tags of a launch beside the launch', async () => {
    const { run } = await as(...LAUNCH);
    await expect(run()).rejects.toMatchObject({
      code: 'UnauthorizedOperation',
      message: expect.stringContaining('ec2:CreateTags'),
    });
  });

  it('a version of a template by its tags', async () => {
    const { create } = await as(...LAUNCH);
    const LaunchTemplateData = { InstanceType: 't3.large' };
    await expect(create({ LaunchTemplateName: 'web', LaunchTemplateData })).resolves.toBeDefined();
    await expect(create({ LaunchTemplateName: 'other', LaunchTemplateData })).rejects.toMatchObject({
      code: 'UnauthorizedOperation',
    });
  });
});
