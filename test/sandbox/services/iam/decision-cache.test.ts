import { describe, expect, it } from '@jest/globals';
import { DecisionCache } from '../../../../sandbox/services/iam/decision-cache.ts';
import type { Question } from '../../../../sandbox/services/iam/simulator.ts';

const INSTANCES = 'arn:aws:ec2:eu-central-1:123456789012:instance';

/** How many decisions are made for the same call on so many instances, each with a name and one of two gates. */
async function decisions(Resource: string, Condition: Record<string, Record<string, unknown>> = {}): Promise<number> {
  const cache = new DecisionCache();
  let made = 0;
  for (let number = 0; number < 40; number++) {
    const question: Question = {
      account: '123456789012',
      principal: 'role',
      action: 'ssm:SendCommand',
      resource: `${INSTANCES}/i-${number.toString(16).padStart(17, '0')}`,
      context: { 'ssm:resourceTag/Name': `node-${number}`, 'ssm:resourceTag/Gate': String(number % 2) },
      identity: [
        {
          name: 'p',
          policy: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'ssm:SendCommand', Resource, Condition }],
          },
        },
      ],
      boundary: undefined,
      resourcePolicy: undefined,
    };
    await cache.get('1', question, 'role', async () => {
      made++;
      return { allowed: true, matches: [] };
    });
  }
  return made;
}

describe('remembered decisions', () => {
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
      expect(await decisions(resource, condition)).toBe(made);
    },
  );
});
