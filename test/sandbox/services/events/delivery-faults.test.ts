import { describe, expect, it } from '@jest/globals';
import { AwsError } from '../../../../sandbox/core/aws-error.ts';
import { operation } from '../../../../sandbox/core/service.ts';
import type { EventFault, EventFaultAction } from '../../../../sandbox/faults/event-faults.ts';
import { FaultPlan } from '../../../../sandbox/faults/fault-plan.ts';
import { createEvents } from '../../../../sandbox/services/events/index.ts';
import { caller } from '../../support/service.ts';
import { testWorld } from '../../support/world.ts';

const FUNCTION = 'arn:aws:lambda:eu-central-1:123456789012:function:f';
const TYPE = 'Parameter Store Change';
const SECOND = 1000;

/** A bus whose rule takes every event of `aws.ssm` to one function, which fails as often as told. */
async function bus(faults: readonly EventFault[], { seed = 1, failures = 0 } = {}) {
  const world = testWorld({ seed });
  const plan = new FaultPlan(faults);
  const events = createEvents(world, {
    iam: { assume: () => ({ kind: 'service', arn: 'events.amazonaws.com' }) },
    faults: plan,
  });
  const got: { at: number; id: string; n: unknown }[] = [];
  let left = failures;
  const Invoke = operation<{ Payload: Buffer }, object>(
    () => [],
    ({ Payload }) => {
      if (left-- > 0) throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
      const { id, detail } = JSON.parse(Payload.toString()) as { id: string; detail: { n: unknown } };
      got.push({ at: world.clock.now(), id, n: detail.n });
      return {};
    },
  );
  world.dispatcher.register(events.service);
  world.dispatcher.register({ id: 'lambda', operations: { Invoke } });
  const call = caller(world, 'events');
  await call('PutRule', { Name: 'rule', EventPattern: JSON.stringify({ source: ['aws.ssm'] }) });
  await call('PutTargets', { Rule: 'rule', Targets: [{ Id: 'f', Arn: FUNCTION }] });
  const emit = (n: number, source = 'aws.ssm', type = TYPE) =>
    events.emit({ source, 'detail-type': type, detail: { n } });
  return { world, plan, call, got, emit, order: () => got.map(({ n }) => n) };
}

const on = (action: EventFaultAction, more: Partial<EventFault> = {}): EventFault => ({
  event: { source: 'aws.ssm', detailType: TYPE },
  action,
  ...more,
});

describe('duplicate', () => {
  it('delivers an event again under the same id, seconds apart', async () => {
    const fault = on({ kind: 'duplicate', copies: 3, seconds: 20 });
    const at = await bus([fault]);
    at.emit(1);
    await at.world.clock.runFor(60 * SECOND);
    expect(at.order()).toEqual([1, 1, 1]);
    expect(new Set(at.got.map(({ id }) => id)).size).toBe(1);
    const [first = 0, ...others] = at.got.map((one) => one.at);
    expect(others.map((time) => time - first)).toEqual([20 * SECOND, 40 * SECOND]);
    expect(at.plan.struck).toEqual([fault]);
  });

  it('delivers twice, a second apart, unless told otherwise', async () => {
    const at = await bus([on({ kind: 'duplicate' })]);
    at.emit(1);
    await at.world.clock.runFor(60 * SECOND);
    const [first, second, ...more] = at.got.map((one) => one.at);
    expect([Number(second) - Number(first), more]).toEqual([SECOND, []]);
  });
});

describe('delay', () => {
  it('brings an event behind later ones', async () => {
    const at = await bus([on({ kind: 'delay', seconds: 30 }, { nth: 1 })]);
    const began = at.world.clock.now();
    at.emit(1);
    at.emit(2);
    await at.world.clock.runFor(60 * SECOND);
    expect(at.order()).toEqual([2, 1]);
    expect(Number(at.got[1]?.at) - began).toBeGreaterThanOrEqual(30 * SECOND);
  });
});

describe('drop', () => {
  it('loses the event and no other', async () => {
    const at = await bus([on({ kind: 'drop' }, { nth: 2 })]);
    for (const n of [1, 2, 3]) at.emit(n);
    await at.world.clock.runFor(60 * SECOND);
    expect(at.order()).toEqual([1, 3]);
  });
});

describe('reorder', () => {
  it('holds an event until the next match was delivered, whatever else passes', async () => {
    const at = await bus([on({ kind: 'reorder' }, { nth: 1 })]);
    at.emit(1);
    at.emit(8, 'aws.ssm', 'another type');
    await at.world.clock.runFor(10 * SECOND);
    expect(at.order()).toEqual([8]);
    at.emit(2);
    await at.world.clock.runFor(SECOND);
    expect(at.order()).toEqual([8, 2, 1]);
  });

  it('swaps pairs where it strikes every match', async () => {
    const at = await bus([on({ kind: 'reorder' })]);
    for (const n of [1, 2, 3, 4]) {
      at.emit(n);
      await at.world.clock.runFor(SECOND);
    }
    expect(at.order()).toEqual([2, 1, 4, 3]);
    expect(at.plan.struck).toHaveLength(2);
  });

  it('waits for the delivery, not for the event: a target that fails at first keeps the held one back', async () => {
    const at = await bus([on({ kind: 'reorder' }, { nth: 1 })], { failures: 3 });
    at.emit(1);
    at.emit(2);
    await at.world.clock.runFor(60 * SECOND);
    expect(at.order()).toEqual([2, 1]);
    expect(Number(at.got[1]?.at) - Number(at.got[0]?.at)).toBe(50);
  });

  it('lets go by itself, so that no event is lost', async () => {
    const at = await bus([on({ kind: 'reorder', seconds: 5 })]);
    const began = at.world.clock.now();
    at.emit(1);
    await at.world.clock.runFor(60 * SECOND);
    expect(at.order()).toEqual([1]);
    expect(Number(at.got[0]?.at) - began).toBe(5 * SECOND + 50);
    at.emit(2); // the hold of the first is over: this one is held in its turn
    await at.world.clock.runFor(60 * SECOND);
    expect(at.order()).toEqual([1, 2]);
  });
});

describe('which events are struck', () => {
  it('counts what a rule takes to a target, and nothing else', async () => {
    const at = await bus([on({ kind: 'drop' }, { nth: 1 })]);
    at.emit(7, 'aws.ec2');
    at.emit(8, 'aws.ssm', 'another type');
    await at.call('DisableRule', { Name: 'rule' });
    at.emit(9);
    expect(at.plan.struck).toEqual([]);
    await at.call('EnableRule', { Name: 'rule' });
    at.emit(1);
    at.emit(2);
    await at.world.clock.runFor(60 * SECOND);
    expect(at.order()).toEqual([8, 2]);
    expect(at.plan.struck).toHaveLength(1);
  });

  it('takes every type of a source where none is named, from nth on and so many times', async () => {
    const at = await bus([{ event: { source: 'aws.ssm' }, nth: 2, times: 2, action: { kind: 'drop' } }]);
    for (const n of [1, 2, 3, 4]) at.emit(n, 'aws.ssm', `type ${n}`);
    await at.world.clock.runFor(60 * SECOND);
    expect(at.order()).toEqual([1, 4]);
  });

  it('strikes scheduled events too', async () => {
    const at = await bus([{ event: { source: 'aws.events' }, nth: 1, action: { kind: 'duplicate', seconds: 9 } }]);
    await at.call('PutRule', { Name: 'rule', ScheduleExpression: 'rate(1 minute)' });
    await at.world.clock.runFor(119 * SECOND);
    expect(at.got.map(({ id }) => id === at.got[0]?.id)).toEqual([true, true]);
  });

  it('picks by the seeded random: a share of the events, and the same with the same seed', async () => {
    const dropped = async (seed: number) => {
      const at = await bus([on({ kind: 'drop' }, { probability: 0.3 })], { seed });
      for (let n = 0; n < 400; n++) at.emit(n);
      await at.world.clock.runFor(60 * SECOND);
      expect(at.got.length + at.plan.struck.length).toBe(400);
      return at.order();
    };
    const first = await dropped(1);
    expect(await dropped(1)).toEqual(first);
    expect(await dropped(2)).not.toEqual(first);
    expect(first.length).toBeGreaterThan(240);
    expect(first.length).toBeLessThan(320);
  });

  it('draws nothing where no probability asks for it: ids are those of a run without faults', async () => {
    const ids = async (faults: readonly EventFault[]) => {
      const at = await bus(faults);
      for (const n of [1, 2, 3]) at.emit(n);
      await at.world.clock.runFor(60 * SECOND);
      return at.got.map(({ id }) => id);
    };
    expect((await ids([on({ kind: 'delay', seconds: 9 })])).sort()).toEqual((await ids([])).sort());
  });
});
