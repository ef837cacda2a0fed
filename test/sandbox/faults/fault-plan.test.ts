import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FaultPlan, type Fault } from '../../../sandbox/faults/fault-plan.ts';

it('strikes exactly the calls that it declares, and tells which faults came to pass', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 5 }), fc.nat(20), (nth, times, calls) => {
      const fault: Fault = { service: 'ssm', operation: 'SendCommand', nth, times, action: { kind: 'throttle' } };
      const plan = new FaultPlan([fault]);
      const struck = Array.from({ length: calls }, (_, index) => {
        plan.next('ssm', 'ListCommands');
        plan.next('ec2', 'SendCommand');
        return plan.next('ssm', 'SendCommand') === undefined ? [] : [index + 1];
      }).flat();
      expect(struck).toEqual(Array.from({ length: times }, (_, index) => nth + index).filter((call) => call <= calls));
      expect(plan.struck).toEqual(struck.map(() => fault));
    }),
  );
});

it('strikes once unless told otherwise, and knows several faults', () => {
  const fault = (nth: number, kind: 'throttle' | 'deny'): Fault => ({
    service: 'ssm',
    operation: 'SendCommand',
    nth,
    action: { kind },
  });
  const plan = new FaultPlan([fault(3, 'deny'), fault(1, 'throttle')]);
  expect([1, 2, 3, 4].map(() => plan.next('ssm', 'SendCommand')?.kind)).toEqual([
    'throttle',
    undefined,
    'deny',
    undefined,
  ]);
});
