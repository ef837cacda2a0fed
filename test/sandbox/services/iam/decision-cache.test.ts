import { describe, expect, it } from '@jest/globals';
import { DecisionCache } from '../../../../sandbox/services/iam/decision-cache.ts';
import type { Question } from '../../../../sandbox/services/iam/simulator.ts';

const INSTANCES = 'arn:aws:ec2:eu-central-1:123456789012:instance';

const BUCKET = 'arn:aws:s3:::bucket';

type Asked = Pick<Question, 'action' | 'resource' | 'context' | 'resourcePolicy'>;

/** How many decisions are made for forty questions of a role with one policy. */
async function decisions(statement: object, question: (number: number) => Partial<Asked>): Promise<number> {
  const cache = new DecisionCache();
  const policy = { Version: '2012-10-17' as const, Statement: [{ Effect: 'Allow' as const, ...statement }] };
  let made = 0;
  for (let number = 0; number < 40; number++) {
    const asked = { action: '', resource: '', context: {}, resourcePolicy: undefined, ...question(number) };
    const who = { account: '123456789012', principal: 'role', identity: [{ name: 'p', policy }], boundary: undefined };
    await cache.get('1', { ...who, ...asked }, 'role', async () => {
      made++;
      return { allowed: true, matches: [] };
    });
  }
  return made;
}

/** For the same call on instances, each with a name and one of two gates. */
const ofInstances = (Resource: string, Condition: Record<string, Record<string, unknown>> = {}): Promise<number> =>
  decisions({ Action: 'ssm:SendCommand', Resource, Condition }, (number) => ({
    action: 'ssm:SendCommand',
    resource: `${INSTANCES}/i-${number.toString(16).padStart(17, '0')}`,
    context: { 'ssm:resourceTag/Name': `node-${number}`, 'ssm:resourceTag/Gate': String(number % 2) },
  }));

/** For reading objects of a bucket that has a policy of its own, in two folders. */
function ofObjects(Resource: string, ofBucket: Record<string, unknown>): Promise<number> {
  const Statement = [{ Effect: 'Deny' as const, Action: 's3:*', Resource: `${BUCKET}/*`, ...ofBucket }];
  return decisions({ Action: 's3:GetObject', Resource }, (number) => ({
    action: 's3:GetObject',
    resource: `${BUCKET}/${number % 2 === 0 ? 'even' : 'odd'}/${number}.json`,
    // Made anew for each call, around the same statements.
    resourcePolicy: { Version: '2012-10-17', Statement },
  }));
}

/** For refreshing groups of two kinds of names, each by its template, by who may refresh those of some names. */
function ofGroups(name: string): Promise<number> {
  const on = (id: string, group: string) =>
    `arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:${id}:autoScalingGroupName/${group}`;
  return decisions({ Action: 'autoscaling:*', Resource: on('*', name) }, (number) => ({
    action: 'autoscaling:StartInstanceRefresh',
    resource: on(`id-${number}`, `${number % 2 === 0 ? 'web' : 'batch'}-${number}`),
    context: { 'ec2:LaunchTemplate': `arn:aws:ec2:eu-central-1:123456789012:launch-template/lt-${number}` },
  }));
}

describe('remembered decisions', () => {
  it.each([
    ['all', '*', 1],
    ['those of one kind', 'web-*', 2],
    ['one', 'batch-7', 2],
  ])('are made once for the groups that a policy which means %s cannot tell apart', async (_what, name, made) => {
    expect(await ofGroups(name)).toBe(made);
  });

  it.each([
    ['names no tag', `${INSTANCES}/*`, {}, 1],
    ['asks for a tag', `${INSTANCES}/*`, { StringEquals: { 'ssm:ResourceTag/Gate': '1' } }, 2],
    ['asks for the name', `${INSTANCES}/*`, { StringLike: { 'ssm:resourceTag/Name': 'node-*' } }, 40],
    ['means some of them', `${INSTANCES}/i-0000000000000000?`, {}, 2],
    ['means one of them', `${INSTANCES}/i-00000000000000003`, {}, 2],
    ['means them by a variable', `${INSTANCES}/\${ssm:resourceTag/Name}`, {}, 40],
  ])(
    'are made once for all instances that a policy which %s cannot tell apart',
    async (_what, resource, condition, made) => {
      expect(await ofInstances(resource, condition)).toBe(made);
    },
  );

  it.each([
    ['all', `${BUCKET}/*`, {}, 1],
    ['those of one folder', `${BUCKET}/odd/*`, {}, 2],
    ['all, but the bucket means one folder', `${BUCKET}/*`, { Resource: `${BUCKET}/even/*` }, 2],
    ['all, but the bucket means one', `${BUCKET}/*`, { Resource: `${BUCKET}/odd/7.json` }, 2],
    ['all, but the bucket means them by a variable', `${BUCKET}/*`, { Resource: `${BUCKET}/\${aws:userid}` }, 40],
  ])(
    'are made once for the objects that two policies cannot tell apart: a role may read %s',
    async (_what, resource, ofBucket, made) => {
      expect(await ofObjects(resource, ofBucket)).toBe(made);
    },
  );
});
