import { describe, expect, it } from '@jest/globals';
import { AwsError } from '../../../../sandbox/core/aws-error.ts';
import type { Authorize } from '../../../../sandbox/core/dispatcher.ts';
import { byDetails, ids, invocations, many, sendAll, settled } from './many.ts';

const CONCURRENCY = '^([1-9][0-9]*|[1-9][0-9]%|[1-9]%|100%)$';
const tag = (key: string, ...values: string[]) => ({ Key: `tag:${key}`, Values: values });

describe('targets', () => {
  const vary = [
    { every: 2, tags: { Even: 'yes' } },
    { every: 3, tags: { Third: 'a' } },
    { every: 5, state: 'stopped' },
    { every: 7, agent: 'none' },
  ];

  it.each([
    ['a tag', [tag('Even', 'yes')], [2, 4, 6, 8, 12]],
    ['any value of a tag', [tag('Third', 'b', 'a')], [3, 6, 9, 12]],
    ['all of several tags', [tag('Even', 'yes'), tag('Third', 'a')], [6, 12]],
    ['a tag by its key', [{ Key: 'tag-key', Values: ['Third'] }], [3, 6, 9, 12]],
    ['a tag that none has', [tag('Fourth', 'a')], []],
  ])('are the running, managed instances with %s', async (_what, Targets, expected) => {
    const on = await many({ count: 14, vary });
    const sent = await sendAll(on, 'true', { Targets });
    await on.clock.runFor(2000);
    const all = ids(on);
    const found = await invocations(on, sent);
    expect(found.map(({ InstanceId }) => all.indexOf(InstanceId ?? '') + 1)).toEqual(expected);
    expect(sent.TargetCount).toBe(expected.length);
    expect(sent.Targets).toEqual(Targets);
  });

  it('may be instances by id, written as the guide or as the API reference does', async () => {
    const on = await many({ count: 3 });
    for (const Key of ['instanceids', 'InstanceIds'])
      expect(await sendAll(on, 'true', { Targets: [{ Key, Values: ids(on).slice(1) }] })).toMatchObject({
        TargetCount: 2,
      });
  });

  it('are found when the command is sent, and not again', async () => {
    const on = await many({ count: 3 });
    const sent = await sendAll(on, 'true', { MaxConcurrency: '1' });
    await on.call('ec2', 'DeleteTags', { Resources: ids(on), Tags: [{ Key: 'Role' }] });
    expect(await settled(on, sent)).toMatchObject({ Status: 'Success', CompletedCount: 3 });
  });

  it.each([
    [
      'more than five',
      { Targets: ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => tag(key, '1')) },
      /^ValidationException: 1 validation error detected: Value '\[Target\(key=tag:a, values=\[1\]\), .*\]' at 'targets' failed to satisfy constraint: Member must have length less than or equal to 5$/,
    ],
    ['a key of signs that none has', { Targets: [{ Key: 'tag:§', Values: ['1'] }] }, /^ValidationException: .*pattern/],
    ['no value', { Targets: [{ Key: 'tag:a', Values: [] }] }, /^ValidationException/],
    ['more than 50 values', { Targets: [tag('a', ...Array.from({ length: 51 }, String))] }, /^ValidationException/],
    ['every instance', { Targets: [{ Key: 'InstanceIds', Values: ['*'] }] }, /^ValidationException/],
    [
      'a resource group, which is not modelled',
      { Targets: [{ Key: 'resource-groups:Name', Values: ['web'] }] },
      /^NotImplemented: .*'resource-groups:Name'/,
    ],
    ['instance ids and targets', { InstanceIds: ['i-00000000000000000'] }, /^ValidationException/],
    [
      'no id of an instance',
      { Targets: [], InstanceIds: ['web'] },
      /^ValidationException: .*'\[web\]' at 'instanceIds' failed to satisfy constraint: Member must satisfy constraint: \[Member must satisfy regular expression pattern: \(\^i-/,
    ],
    [
      'a concurrency of 0',
      { MaxConcurrency: '0' },
      `'0' at 'maxConcurrency' failed to satisfy constraint: Member must satisfy regular expression pattern: ${CONCURRENCY}`,
    ],
    ['a concurrency of 101 %', { MaxConcurrency: '101%' }, 'ValidationException'],
    ['a concurrency of eight digits', { MaxConcurrency: '12345678' }, 'less than or equal to 7'],
    ['half an error', { MaxErrors: '0.5' }, 'ValidationException'],
    ['05 % of errors', { MaxErrors: '05%' }, 'ValidationException'],
  ])('refuses %s', async (_what, input, error) => {
    const on = await many({ count: 1 });
    const valid = {
      DocumentName: 'AWS-RunShellScript',
      Targets: [tag('Role', 'node')],
      Parameters: { commands: ['true'] },
    };
    const failure = await on.failure('ssm', 'SendCommand', { ...valid, ...input });
    if (typeof error === 'string') expect(failure).toContain(error);
    else expect(failure).toMatch(error);
  });
});

/** Lets SendCommand through on instances with a tag alone. */
const untaggedDenied: Authorize = async (_caller, permissions) => {
  for (const { action, resource, context = {} } of permissions)
    if (
      action === 'ssm:SendCommand' &&
      resource.includes(':instance/') &&
      context['ssm:resourceTag/Allowed'] !== 'true'
    )
      throw new AwsError('AccessDeniedException', `not authorized on ${resource}`);
};

describe('SendCommand where the caller may not send to one of many', () => {
  const some = { count: 50, vary: [{ every: 1, tags: { Allowed: 'true' } }], authorize: untaggedDenied };
  const forbid = { Tags: [{ Key: 'Allowed' }] };

  it.each([['ids'], ['tags']])('is denied whole, by %s, unless told otherwise', async (by) => {
    const on = await many(some);
    await on.call('ec2', 'DeleteTags', { Resources: [ids(on)[7]], ...forbid });
    const addressed = by === 'ids' ? { InstanceIds: ids(on) } : { Targets: [tag('Role', 'node')] };
    const input = { DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['true'] }, ...addressed };
    expect(await on.failure('ssm', 'SendCommand', input)).toMatch(`AccessDeniedException: not authorized on`);
    await on.clock.runFor(5000);
    expect(await on.call('ssm', 'ListCommands')).toEqual({ Commands: [] });
  });

  it.each([['ids'], ['tags']])(
    'by %s runs on the others and ends as AccessDenied there, where the switch says so',
    async (by) => {
      const on = await many({ ...some, sendCommandDenial: 'instance' });
      await on.call('ec2', 'DeleteTags', { Resources: [ids(on)[7]], ...forbid });
      const addressed = by === 'ids' ? { InstanceIds: ids(on), Targets: [] } : {};
      const sent = await sendAll(on, 'touch /tmp/ran', addressed);
      expect(await settled(on, sent)).toMatchObject({
        Status: 'Success',
        TargetCount: 50,
        CompletedCount: 50,
        ErrorCount: 0,
      });
      expect(await byDetails(on, sent)).toEqual({ AccessDenied: 1, Success: 49 });
      expect((await invocations(on, sent))[7]).toMatchObject({ Status: 'Failed', StatusDetails: 'AccessDenied' });
      expect(await on.ec2.machine(ids(on)[7] ?? '').fs.exists('/tmp/ran')).toBe(false);
    },
  );

  it('ends as AccessDenied where none is left', async () => {
    const on = await many({ count: 3, authorize: untaggedDenied, sendCommandDenial: 'instance' });
    const sent = await sendAll(on, 'true');
    expect(await settled(on, sent)).toMatchObject({ Status: 'Failed', StatusDetails: 'AccessDenied' });
  });
});
