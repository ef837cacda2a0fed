import { describe, expect, it } from '@jest/globals';
import { AnswerLost, AwsError, notImplemented } from '../../../sandbox/core/aws-error.ts';
import { keyPermissions } from '../../../sandbox/core/encryption.ts';
import { only } from '../../../sandbox/core/only.ts';
import { isRefusal, isThrottle, isTransient } from '../../../sandbox/core/transient.ts';

describe('errors', () => {
  it.each([
    [new AwsError('ThrottlingException', '', 400), true, true],
    [new AwsError('TooManyRequestsException', '', 429), true, true],
    [new AwsError('InternalError', '', 500), false, true],
    [new AnswerLost(), false, true],
    [new AwsError('ValidationException', '', 400), false, false],
    [notImplemented('this'), false, false],
    [new TypeError('a mistake'), false, false],
  ])('%s: throttle %s, transient %s', (error, throttle, transient) => {
    expect([isThrottle(error), isTransient(error)]).toEqual([throttle, transient]);
  });

  it('of the sandbox itself are no refusals', () => {
    expect([new AwsError('NotFound', ''), new AnswerLost()].map(isRefusal)).toEqual([true, true]);
    expect([notImplemented('this'), new TypeError('a mistake')].map(isRefusal)).toEqual([false, false]);
  });
});

it('members that an operation does not model are refused by name, unless they are not set', () => {
  const input: { a?: number; b?: number } = { a: 1, b: undefined };
  expect(() => only('ssm:Do', input, ['a'])).not.toThrow();
  expect(() => only('ssm:Do', { ...input, b: 2 }, ['a'])).toThrow(/ssm:Do with b/);
});

it('keys are asked for by ARN, save those that AWS manages', () => {
  const world = { account: '123456789012', region: 'eu-central-1' };
  const resource = 'arn:aws:kms:eu-central-1:123456789012:key/abc';
  expect(keyPermissions(world, undefined, ['kms:Decrypt'])).toEqual([]);
  expect(keyPermissions(world, 'alias/aws/sns', ['kms:Decrypt'])).toEqual([]);
  expect(keyPermissions(world, 'abc', ['kms:Decrypt'])).toEqual([{ action: 'kms:Decrypt', resource }]);
  expect(keyPermissions(world, resource, ['kms:Decrypt'])).toEqual([{ action: 'kms:Decrypt', resource }]);
  expect(() => keyPermissions(world, 'alias/mine', ['kms:Decrypt'])).toThrow(/alias\/mine/);
});
