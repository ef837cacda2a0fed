import { beforeEach, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../sandbox/clock/virtual-clock.ts';
import { AwsError } from '../../../sandbox/core/aws-error.ts';
import { Dispatcher, type Authorize } from '../../../sandbox/core/dispatcher.ts';
import { Random } from '../../../sandbox/core/random.ts';
import { operation, type Call, type Caller, type ServiceId } from '../../../sandbox/core/service.ts';
import { FaultPlan, type Fault, type FaultAction } from '../../../sandbox/faults/fault-plan.ts';

const role: Caller = { kind: 'role', arn: 'arn:aws:sts::123456789012:assumed-role/r/s', roleName: 'r' };
const operator: Caller = { kind: 'operator', arn: 'arn:aws:iam::123456789012:user/operator' };
const RESOURCE = 'arn:aws:ssm:eu-central-1:123456789012:parameter/p';

interface Bench {
  readonly clock: VirtualClock;
  readonly dispatcher: Dispatcher;
  readonly faults: FaultPlan;
  readonly handled: Call[];
  readonly stopped: string[];
}

function bench(faults: readonly Fault[] = [], authorize: Authorize = async () => undefined): Bench {
  const clock = new VirtualClock();
  const plan = new FaultPlan(faults);
  const [handled, stopped]: [Call[], string[]] = [[], []];
  const stopExecution = async (arn: string) => void stopped.push(arn);
  const dispatcher = new Dispatcher({ clock, random: new Random(1), faults: plan, authorize, stopExecution });
  const Do = operation<{ fail?: Error }, { done: true }>(
    () => [{ action: 'ssm:GetParameter', resource: RESOURCE }],
    ({ fail }, call) => {
      handled.push(call);
      if (fail !== undefined) throw fail;
      return { done: true };
    },
  );
  for (const id of ['ec2', 'lambda', 's3', 'sns', 'ssm'] as const) dispatcher.register({ id, operations: { Do } });
  return { clock, dispatcher, faults: plan, handled, stopped };
}

let at: Bench;
beforeEach(() => {
  at = bench();
});

const fault = (action: FaultAction, service: ServiceId = 'ssm', more: Partial<Fault> = {}): Fault => ({
  service,
  operation: 'Do',
  nth: 1,
  action,
  ...more,
});
const call = (on: Bench, service: ServiceId = 'ssm', caller = role) =>
  on.dispatcher.call(caller, service, 'Do', {}, { executionArn: 'execution' });

describe('a call', () => {
  it('reaches its operation with its origin, and is written down', async () => {
    expect(await call(at)).toEqual({ done: true });
    expect(at.handled).toMatchObject([{ caller: role, service: 'ssm', operation: 'Do', executionArn: 'execution' }]);
    expect(at.dispatcher.journal).toMatchObject([
      {
        at: at.clock.now(),
        caller: role,
        service: 'ssm',
        operation: 'Do',
        permissions: [{ resource: RESOURCE }],
        outcome: 'ok',
      },
    ]);
  });

  it('has an id that the seed decides, or that it brings along', async () => {
    const other = bench();
    await Promise.all([call(at), call(other)]);
    expect(at.handled[0]?.requestId).toBe(other.handled[0]?.requestId);
    await at.dispatcher.call(role, 'ssm', 'Do', {}, { requestId: 'given' });
    expect(at.handled[1]?.requestId).toBe('given');
  });

  it('fails as its service fails, and is written down so', async () => {
    await expect(
      at.dispatcher.call(role, 'ssm', 'Do', { fail: new AwsError('ParameterNotFound', 'no') }),
    ).rejects.toThrow('no');
    await expect(at.dispatcher.call(role, 'ssm', 'Do', { fail: new TypeError('a mistake') })).rejects.toThrow(
      'a mistake',
    );
    expect(at.dispatcher.journal.map(({ outcome }) => outcome)).toEqual(['ParameterNotFound', 'TypeError']);
  });

  it('of what is not modelled says so', async () => {
    await expect(at.dispatcher.call(role, 'ssm', 'Undo', {})).rejects.toMatchObject({
      code: 'NotImplemented',
      message: expect.stringContaining('ssm:Undo'),
    });
    await expect(at.dispatcher.call(role, 'sts', 'Do', {})).rejects.toMatchObject({ code: 'NotImplemented' });
  });

  it('that IAM refuses has no effect', async () => {
    const refusing = bench([], async () => {
      throw new AwsError('AccessDeniedException', 'no');
    });
    await expect(call(refusing)).rejects.toMatchObject({ code: 'AccessDeniedException' });
    expect(refusing.handled).toEqual([]);
    expect(refusing.dispatcher.journal).toMatchObject([
      { outcome: 'AccessDeniedException', permissions: [{ resource: RESOURCE }] },
    ]);
  });
});

describe('a fault', () => {
  it.each<[FaultAction['kind'], ServiceId, string, number]>([
    ['throttle', 'ssm', 'ThrottlingException', 400],
    ['throttle', 'ec2', 'RequestLimitExceeded', 503],
    ['throttle', 'lambda', 'TooManyRequestsException', 429],
    ['throttle', 's3', 'SlowDown', 503],
    ['throttle', 'sns', 'Throttled', 429],
    ['server-error', 'ssm', 'InternalServerError', 500],
    ['server-error', 'lambda', 'ServiceException', 500],
    ['server-error', 'sns', 'InternalError', 500],
    ['deny', 'ssm', 'AccessDeniedException', 400],
    ['deny', 'ec2', 'UnauthorizedOperation', 403],
    ['deny', 'sns', 'AuthorizationError', 403],
  ])('of kind %s strikes %s as %s, before any effect', async (kind, service, code, status) => {
    const struck = bench([fault({ kind } as FaultAction, service)]);
    await expect(call(struck, service)).rejects.toMatchObject({ code, status });
    expect(struck.handled).toEqual([]);
    expect(await call(struck, service)).toEqual({ done: true });
  });

  it('that denies names the action and the resource', async () => {
    await expect(call(bench([fault({ kind: 'deny' })]))).rejects.toThrow(
      `User: ${role.arn} is not authorized to perform: ssm:GetParameter on resource: ${RESOURCE} because no identity-based policy allows the ssm:GetParameter action`,
    );
  });

  it('may lose the answer after the effect', async () => {
    const struck = bench([fault({ kind: 'lose-answer' })]);
    await expect(call(struck)).rejects.toMatchObject({ name: 'AnswerLost' });
    expect(struck.handled).toHaveLength(1);
    expect(struck.dispatcher.journal).toMatchObject([{ outcome: 'AnswerLost' }]);
  });

  it('may delay, while time goes on', async () => {
    const struck = bench([fault({ kind: 'delay', seconds: 30 })]);
    const started = struck.clock.now();
    const answered = call(struck);
    await struck.clock.runUntil(() => struck.handled.length > 0);
    await answered;
    expect(struck.clock.now() - started).toBe(30_000);
  });

  it('may stop the execution that calls, right before', async () => {
    const struck = bench([fault({ kind: 'stop-execution' }, 'ssm', { times: 2 })]);
    await call(struck);
    expect([struck.stopped, struck.handled.length]).toEqual([['execution'], 1]);
    // A plan that names a call of no execution is wrong, and says so.
    await expect(struck.dispatcher.call(role, 'ssm', 'Do', {})).rejects.toThrow('belongs to no execution');
    expect(struck.stopped).toHaveLength(1);
  });

  it('never strikes the operator, nor a service', async () => {
    const struck = bench([fault({ kind: 'throttle' })]);
    for (const caller of [operator, { kind: 'service', arn: 'events.amazonaws.com' } as const]) {
      expect(await call(struck, 'ssm', caller)).toEqual({ done: true });
    }
    expect(struck.faults.struck).toEqual([]);
  });
});
