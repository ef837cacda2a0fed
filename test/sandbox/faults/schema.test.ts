import { describe, expect, it } from '@jest/globals';
import { FaultPlan, type AnyFault } from '../../../sandbox/faults/fault-plan.ts';

const call = { service: 'ssm', operation: 'SendCommand', nth: 1, action: { kind: 'throttle' } };
const event = { event: { source: 'aws.ssm' }, action: { kind: 'delay', seconds: 5 } };

const refusal = (fault: object): string => {
  try {
    new FaultPlan([fault as AnyFault]);
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error('the plan was taken');
};

describe('a plan without sense is refused', () => {
  it.each([
    ['a call counted from 0', { ...call, nth: 0 }, 'faults.0.nth'],
    ['a call struck no times', { ...call, times: 0 }, 'faults.0.times'],
    ['half a call', { ...call, nth: 1.5 }, 'faults.0.nth'],
    ['an action that does not exist', { ...call, action: { kind: 'explode' } }, 'faults.0.action.kind'],
    ['a delay of nothing', { ...call, action: { kind: 'delay', seconds: 0 } }, 'faults.0.action.seconds'],
    ['an unknown key', { ...call, when: 'now' }, 'when'],
    ['an action of events on a call', { ...call, action: { kind: 'drop' } }, 'faults.0.action.kind'],
    ['an action of calls on an event', { ...event, action: { kind: 'throttle' } }, 'faults.0.action.kind'],
    ['both a call and an event', { ...call, ...event }, 'service'],
    ['an event counted from 0', { ...event, nth: 0 }, 'faults.0.nth'],
    ['times without nth', { ...event, times: 2 }, 'faults.0.times: needs nth'],
    ['both nth and a probability', { ...event, nth: 1, probability: 0.5 }, 'faults.0.probability: contradicts nth'],
    ['a probability of 0', { ...event, probability: 0 }, 'faults.0.probability'],
    ['a probability above 1', { ...event, probability: 1.1 }, 'faults.0.probability'],
    ['one copy', { ...event, action: { kind: 'duplicate', copies: 1 } }, 'faults.0.action.copies'],
    ['a delay without its length', { ...event, action: { kind: 'delay' } }, 'faults.0.action.seconds'],
    ['an event by another name', { ...event, event: { source: 'aws.ssm', 'detail-type': 'x' } }, 'detail-type'],
    [
      'the loss of an event that is delivered at least once',
      { event: { source: 'aws.states' }, action: { kind: 'drop' } },
      'faults.0.action: drop would break a promise: only aws.ec2 and aws.ssm send events on a best-effort basis',
    ],
  ])('%s', (_what, fault, reason) => expect(refusal(fault)).toContain(reason));

  it('also when it is armed later, and then the old one stays', () => {
    const plan = new FaultPlan([call as AnyFault]);
    expect(() => plan.arm([{ ...call, nth: 0 } as AnyFault])).toThrow('faults.0.nth');
    expect(plan.next('ssm', 'SendCommand')).toEqual({ kind: 'throttle' });
  });
});

it('takes every kind of fault', () => {
  const actions = [
    { kind: 'duplicate' },
    { kind: 'duplicate', copies: 10, seconds: 0.5 },
    { kind: 'drop' },
    { kind: 'reorder' },
    { kind: 'reorder', seconds: 5 },
  ];
  const faults = [call, event, ...actions.map((action) => ({ ...event, action }))];
  expect(new FaultPlan(faults as AnyFault[]).struck).toEqual([]);
});

it('counts events for each fault by itself, and lets the first that is due strike', () => {
  const first: AnyFault = { event: { source: 'aws.ssm' }, nth: 2, action: { kind: 'drop' } };
  const second: AnyFault = {
    event: { source: 'aws.ssm', detailType: 'A' },
    nth: 2,
    times: 2,
    action: { kind: 'duplicate' },
  };
  const plan = new FaultPlan([first, second]);
  const random = { next: () => 0 } as never;
  const struck = ['A', 'A', 'A', 'B'].map((type) =>
    plan.nextEvent({ source: 'aws.ssm', 'detail-type': type }, random, () => true),
  );
  expect(struck).toEqual([undefined, first, second, undefined]);
  expect(plan.struck).toEqual([first, second]);
});
