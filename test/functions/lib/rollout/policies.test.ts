import { describe, expect, it } from '@jest/globals';
import { awsError, fakeAws } from '../../support.ts';

process.env['POLICY_PREFIX'] = '/fleetwright/dev/rollout-policies';
const { listPolicies, readPolicy } = await import('../../../../functions/lib/rollout/policies.ts');
const { ssmClient } = await import('../../../../functions/lib/clients.ts');

const ssm = ssmClient();
const stored = (parameter: string, value: object = { parameter, selector: { tags: { ami: 'test' } } }) => ({
  Name: `/fleetwright/dev/rollout-policies${parameter}`,
  Value: JSON.stringify(value),
});
const failing = (name: string) => () => {
  throw awsError(name);
};

describe('a policy', () => {
  it('is read from below the prefix, with its defaults', async () => {
    const calls = fakeAws({ GetParameter: () => ({ Parameter: stored('/ami/test') }) });
    await expect(readPolicy(ssm, '/ami/test')).resolves.toMatchObject({ parameter: '/ami/test', drift: 'repair' });
    expect(calls.map(({ input }) => input)).toEqual([{ Name: '/fleetwright/dev/rollout-policies/ami/test' }]);
  });

  it.each(['ParameterNotFound', 'AccessDeniedException'])(
    'that is not there (%s) is refused with those that are',
    async (name) => {
      fakeAws({
        GetParameter: failing(name),
        GetParametersByPath: () => ({ Parameters: [stored('/b'), stored('/a')] }),
      });
      await expect(readPolicy(ssm, '/ami/test')).rejects.toMatchObject({
        name: 'InvalidRequest',
        message: 'parameter: /ami/test is not followed; these are: /a, /b',
      });
      fakeAws({ GetParameter: failing(name), GetParametersByPath: () => ({}) });
      await expect(readPolicy(ssm, '/ami/test')).rejects.toThrow('is not followed; none is');
    },
  );

  it.each([
    ['no JSON', { Value: '{' }],
    ['no policy', stored('/ami/test', { parameter: '/ami/test' })],
    ['nothing', {}],
  ])('that holds %s is refused with its name', async (_, Parameter) => {
    fakeAws({ GetParameter: () => ({ Parameter }) });
    await expect(readPolicy(ssm, '/ami/test')).rejects.toThrow(
      '/fleetwright/dev/rollout-policies/ami/test holds no rollout policy; deploy it again:',
    );
  });

  it('that AWS does not give is not taken for one that is missing', async () => {
    fakeAws({ GetParameter: failing('ThrottlingException') });
    await expect(readPolicy(ssm, '/ami/test')).rejects.toMatchObject({ name: 'ThrottlingException' });
    fakeAws({
      GetParameter: failing('AccessDeniedException'),
      GetParametersByPath: () => ({ Parameters: [stored('/ami/test')] }),
    });
    await expect(readPolicy(ssm, '/ami/test')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

it('lists the policies of all pages, sorted', async () => {
  const calls = fakeAws({
    GetParametersByPath: ({ NextToken }) =>
      NextToken === undefined
        ? { Parameters: [stored('/ami/web')], NextToken: 'more' }
        : { Parameters: [stored('/ami/db')] },
  });
  expect((await listPolicies(ssm)).map(({ parameter }) => parameter)).toEqual(['/ami/db', '/ami/web']);
  expect(calls.map(({ input }) => input['Recursive'])).toEqual([true, true]);
});
