import { ParameterNotFound } from '@aws-sdk/client-ssm';
import { ExecutionAlreadyExists } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { awsError, CONTEXT, fakeAws, START } from './support.ts';

const MACHINE = 'arn:aws:states:eu-central-1:123456789012:stateMachine:AmiRollout-1';
process.env['STATE_MACHINE_ARN'] = MACHINE;
const { handler } = await import('../../functions/follow-ami-parameter.ts');

const NAME = '/ami/linux/test';
const changed = (operation = 'Update') => ({
  ...{ version: '0', id: 'one', source: 'aws.ssm', account: '123456789012', region: 'eu-central-1' },
  'detail-type': 'Parameter Store Change',
  resources: [`arn:aws:ssm:eu-central-1:123456789012:parameter${NAME}`],
  detail: { operation, name: NAME, type: 'String' },
});
const recorded = {
  ...{ source: 'aws.ssm', 'detail-type': 'AWS API Call via CloudTrail' },
  detail: {
    ...{ eventSource: 'ssm.amazonaws.com', eventName: 'PutParameter' },
    requestParameters: { name: NAME, value: 'HIDDEN', overwrite: true },
  },
};

afterEach(() => {
  jest.restoreAllMocks();
});

/** Parameter Store with one parameter, and Step Functions as far as it knows names. */
function store(first: { Version: number; LastModifiedDate: Date } | undefined = version(3)) {
  const names = new Set<unknown>();
  const aws = { parameter: first as typeof first | undefined, inputs: [] as string[] };
  const calls = fakeAws({
    GetParameter: () => {
      if (aws.parameter === undefined) throw new ParameterNotFound({ message: 'gone', $metadata: {} });
      return { Parameter: { Name: NAME, Value: 'ami-0123456789abcdef0', ...aws.parameter } };
    },
    StartExecution: ({ name, input }) => {
      if (names.has(name)) throw new ExecutionAlreadyExists({ message: 'taken', $metadata: {} });
      names.add(name);
      aws.inputs.push(String(input));
      return {};
    },
  });
  return Object.assign(aws, { names, calls });
}
const version = (Version: number, at = START) => ({ Version, LastModifiedDate: new Date(at) });
const start = (event: unknown) => handler(event, CONTEXT);

describe('follow-ami-parameter', () => {
  it('starts the version that the parameter has now, with the same name and input for every repeat', async () => {
    const aws = store();
    const first = await start(changed());
    expect(first).toMatchObject({ status: 'Started', parameter: NAME, version: 3, lastModified: START });
    expect([...aws.names]).toEqual([expect.stringMatching(/^ami-[0-9a-f]{40}$/)]);
    expect(aws.inputs.map((input) => JSON.parse(input) as unknown)).toEqual([
      { parameter: NAME, metadata: { trigger: 'parameter-change', version: 3, lastModified: START } },
    ]);
    expect(await start(changed())).toEqual({ ...first, status: 'AlreadyStarted' });
  });

  it('starts the newest version once when events come in another order', async () => {
    const aws = store(version(4));
    expect(await start(changed())).toMatchObject({ status: 'Started', version: 4 });
    expect(await start(changed('Create'))).toMatchObject({ status: 'AlreadyStarted', version: 4 });
    expect(aws.names.size).toBe(1);
  });

  it('says that a parameter is gone, and starts it again when it was made again', async () => {
    const aws = store(version(1));
    await start(changed('Create'));
    aws.parameter = undefined;
    expect(await start(changed())).toEqual({ status: 'Gone', parameter: NAME });
    aws.parameter = version(1, '2026-01-05T10:00:00.000Z');
    expect(await start(changed('Create'))).toMatchObject({ status: 'Started', version: 1 });
    expect(aws.names.size).toBe(2);
  });

  it('takes the record of a call, and what the drift check asks for', async () => {
    const aws = store();
    expect(await start({ parameter: NAME, trigger: 'drift' })).toMatchObject({ status: 'Started' });
    expect(aws.inputs[0]).toContain('"trigger":"drift"');
    expect(await start(recorded)).toMatchObject({ status: 'AlreadyStarted' });
  });

  it.each([
    ['a deletion', changed('Delete')],
    ['another event', { 'detail-type': 'EC2 Instance State-change Notification', detail: {} }],
    ['another call', { ...recorded, detail: { ...recorded.detail, eventName: 'DeleteParameter' } }],
    ['nothing', {}],
  ])('refuses %s', async (_, event) => {
    const { calls } = store();
    await expect(start(event)).rejects.toMatchObject({ name: 'InvalidRequest' });
    expect(calls).toEqual([]);
  });

  it('fails where AWS does, so that the event is kept', async () => {
    fakeAws({
      GetParameter: () => {
        throw awsError('AccessDeniedException');
      },
    });
    await expect(start(changed())).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
