import { expect, it } from '@jest/globals';
import { ResourcePolicies } from '../../../sandbox/core/resource-policies.ts';

const statement = (Sid: string) => ({ Sid, Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' });
const FUNCTION = 'arn:aws:lambda:eu-central-1:123456789012:function:f';

it('adds statements up, replaces and removes them, and changes its version each time', () => {
  const policies = new ResourcePolicies();
  const versions = [policies.version];
  const step = (work: () => void) => {
    work();
    versions.push(policies.version);
  };
  step(() => policies.attach(FUNCTION, { Statement: statement('a') }));
  step(() => policies.attach(FUNCTION, { Statement: [statement('b')] }));
  expect(policies.for(FUNCTION)).toEqual({ Version: '2012-10-17', Statement: [statement('a'), statement('b')] });
  step(() => policies.replace(FUNCTION, { Statement: [statement('c')] }));
  expect(policies.all()).toEqual([[FUNCTION, { Version: '2012-10-17', Statement: [statement('c')] }]]);
  step(() => policies.remove(FUNCTION));
  expect(policies.for(FUNCTION)).toBeUndefined();
  expect(new Set(versions).size).toBe(versions.length);
});

it('finds the policy of a bucket for its objects, that of the account for its logs, and of a function for itself alone', () => {
  const policies = new ResourcePolicies();
  for (const arn of ['arn:aws:s3:::bucket', 'arn:aws:logs:eu-central-1:123456789012', FUNCTION])
    policies.attach(arn, { Statement: statement(arn) });
  expect(policies.for('arn:aws:s3:::bucket/key/a')).toBeDefined();
  expect(policies.for('arn:aws:s3:::bucket2/key')).toBeUndefined();
  expect(policies.for('arn:aws:logs:eu-central-1:123456789012:log-group:/g:log-stream:s')).toBeDefined();
  expect(policies.for(`${FUNCTION}:7`)).toBeUndefined();
});
