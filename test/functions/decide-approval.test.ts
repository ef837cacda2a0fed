import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Aws, ask, CALLER, type Answer } from './api-support.ts';
import { awsError } from './support.ts';

const { handler } = await import('../../functions/decide-approval.ts');

const ID = '5d41402abc4b2a76b9719d911017c592';
const EXECUTION = 'arn:aws:states:eu-central-1:123456789012:execution:AmiRollout-1:ami-1';
const APPROVAL = {
  ...{ id: `approval#${ID}`, approvalId: ID, executionArn: EXECUTION, parameter: '/ami/linux/test', version: 7 },
  ...{ imageId: 'ami-0123456789abcdef0', deadline: '2026-01-06T09:00:00.000Z' },
  requestedBy: ['arn:aws:sts::123456789012:assumed-role/Deploy/ci-1'],
};

let aws = new Aws();
const change = (more: object): void => void aws.rollouts.set(APPROVAL.id, { ...APPROVAL, ...more });
const stored = () => aws.rollouts.get(APPROVAL.id);
const wait = (approvalId = ID): void =>
  void aws.rollouts.set(`waiting#${EXECUTION}`, { kind: 'approval', token: 'secret-token', approvalId });
const sent = () => aws.calls.filter(({ operation }) => operation.startsWith('SendTask')).map((call) => call.input);
const decide = (body: unknown = { decision: 'approve' }, userArn = CALLER, id = ID): Promise<Answer> =>
  ask(handler, { path: `/approvals/${id}`, parameters: { id }, body, authorizer: { iam: { userArn } } });
const problem = ({ status, body }: Answer) => [status, String(body['type']).split(':').at(-1)];

beforeEach(() => {
  aws = new Aws();
  change({});
  wait();
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('decide-approval', () => {
  it('approves, records who and when, and lets the rollout go on; the token stays inside', async () => {
    const answer = await decide({ decision: 'approve', comment: 'tested' });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        ...{ approval_id: ID, execution_id: 'ami-rollout.ami-1', parameter: '/ami/linux/test', version: 7 },
        ...{ decision: 'approve', decided_at: '2026-01-05T09:00:00.000Z', comment: 'tested' },
      },
    });
    expect(answer.text).not.toContain('secret-token');
    expect(answer.text).not.toContain(CALLER);
    expect(stored()).toMatchObject({ decision: 'approve', decidedBy: CALLER, comment: 'tested' });
    const output = JSON.stringify({ decision: 'approve', by: CALLER, at: '2026-01-05T09:00:00.000Z' });
    expect(sent()).toEqual([{ taskToken: 'secret-token', output }]);
  });

  it('refuses, and the rollout ends with the comment', async () => {
    expect(await decide({ decision: 'refuse', comment: 'not today' })).toMatchObject({
      status: 200,
      body: { decision: 'refuse' },
    });
    expect(sent()).toEqual([
      {
        taskToken: 'secret-token',
        error: 'ApprovalRefused',
        cause: 'Refused at 2026-01-05T09:00:00.000Z: not today',
      },
    ]);
  });

  it.each([
    ['a decision that is none', { decision: 'maybe' }],
    ['none', {}],
    ['something beside', { decision: 'approve', force: true }],
  ])('refuses a body with %s', async (_, body) => {
    expect(problem(await decide(body))).toEqual([400, 'InvalidRequest']);
  });

  it.each([['f'.repeat(32)], ['x'], ['../waiting']])('does not know %s', async (id) => {
    expect(problem(await decide(undefined, CALLER, id))).toEqual([404, 'ApprovalNotFound']);
  });

  it('takes no decision of who wanted the rollout, in whichever session', async () => {
    const other = 'arn:aws:sts::123456789012:assumed-role/Deploy/somebody';
    expect(problem(await decide(undefined, other))).toEqual([403, 'ApproverNotAllowed']);
    expect(stored()).not.toHaveProperty('decision');
    expect(await decide(undefined, 'arn:aws:sts::123456789012:assumed-role/Deployer/ci-1')).toMatchObject({
      status: 200,
    });
  });

  it('takes no decision after the deadline', async () => {
    change({ deadline: '2026-01-05T09:00:00.000Z' });
    expect(problem(await decide())).toEqual([409, 'ApprovalExpired']);
    expect(sent()).toEqual([]);
  });

  it.each([
    ['nothing', () => aws.rollouts.delete(`waiting#${EXECUTION}`)],
    ['another approval', () => wait('0'.repeat(32))],
  ])('decides nothing where the rollout waits for %s', async (_, prepare) => {
    prepare();
    const answer = await decide();
    expect(problem(answer)).toEqual([409, 'ApprovalClosed']);
    expect(answer.headers['retry-after']).toBe('2');
    expect(stored()).not.toHaveProperty('decision');
  });

  it('keeps to the first decision', async () => {
    await decide();
    expect(problem(await decide({ decision: 'refuse' }))).toEqual([409, 'ApprovalDecided']);
    expect(problem(await decide(undefined, 'arn:aws:iam::123456789012:user/bob'))).toEqual([409, 'ApprovalDecided']);
    expect(sent()).toHaveLength(1);
  });

  it('keeps to a decision that was written a moment ago', async () => {
    aws.before['UpdateItem'] = () => change({ decision: 'refuse', decidedBy: 'bob', decidedAt: 'then' });
    expect(problem(await decide())).toEqual([409, 'ApprovalDecided']);
    expect(sent()).toEqual([]);
  });

  it('wakes the rollout at the second time where the first failed, and answers the same', async () => {
    aws.before['SendTaskSuccess'] = () => {
      throw awsError('ThrottlingException');
    };
    expect(problem(await decide({ decision: 'approve', comment: 'tested' }))).toEqual([500, 'InternalError']);
    aws.before['SendTaskSuccess'] = () => undefined;
    expect(await decide()).toMatchObject({ status: 200, body: { decision: 'approve', comment: 'tested' } });
    expect(sent()).toHaveLength(2);
  });

  it('answers the same when the rollout has the decision already', async () => {
    await decide();
    aws.before['SendTaskSuccess'] = () => {
      throw awsError('TaskTimedOut');
    };
    expect(await decide()).toMatchObject({ status: 200 });
    aws.rollouts.delete(`waiting#${EXECUTION}`);
    expect(await decide()).toMatchObject({ status: 200 });
    expect(sent()).toHaveLength(2);
  });
});
