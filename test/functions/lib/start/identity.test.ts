import { describe, expect, it } from '@jest/globals';
import { executionName, keyHolder } from '../../../../functions/lib/start/identity.ts';

describe('the holder of an idempotency key', () => {
  const sts = 'arn:aws:sts::123456789012:assumed-role';

  it.each([
    ['a role in whatever session', `${sts}/deployer/botocore-session-1`, `${sts}/deployer`],
    ['a user', 'arn:aws:iam::123456789012:user/ops/jane', 'arn:aws:iam::123456789012:user/ops/jane'],
    ['a person of IAM Identity Center', `${sts}/AWSReservedSSO_Ops_0a1b/jane`, `${sts}/AWSReservedSSO_Ops_0a1b/jane`],
    [
      'a role in another partition',
      'arn:aws-cn:sts::123456789012:assumed-role/a/b',
      'arn:aws-cn:sts::123456789012:assumed-role/a',
    ],
    ['the subject of a token', 'https://issuer.example|jane', 'https://issuer.example|jane'],
  ])('is %s', (_, caller, holder) => expect(keyHolder(caller)).toBe(holder));

  it('starts one execution from two sessions of one role, and two from two roles', () => {
    const name = (caller: string) => executionName(caller, 'POST /run-commands', 'key');
    expect(name(`${sts}/a/one`)).toBe(name(`${sts}/a/two`));
    expect(name(`${sts}/a/one`)).not.toBe(name(`${sts}/b/one`));
  });
});
