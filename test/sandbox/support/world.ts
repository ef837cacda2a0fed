import type { Clock } from '../../../sandbox/clock/clock.ts';
import { VirtualClock } from '../../../sandbox/clock/virtual-clock.ts';
import { type Authorize, Dispatcher } from '../../../sandbox/core/dispatcher.ts';
import { Random } from '../../../sandbox/core/random.ts';
import { ResourcePolicies } from '../../../sandbox/core/resource-policies.ts';
import type { Caller } from '../../../sandbox/core/service.ts';
import { ACCOUNT, REGION, type BusEvent, type World } from '../../../sandbox/core/world.ts';
import { FaultPlan, type Fault } from '../../../sandbox/faults/fault-plan.ts';

interface LogLine {
  readonly group: string;
  readonly stream: string;
  readonly line: string;
}

interface Options<C extends Clock> {
  readonly seed?: number;
  readonly clock?: C;
  readonly faults?: readonly Fault[];
  /** Everything is allowed unless told otherwise. */
  readonly authorize?: Authorize;
}

/** A world around the part under test: events and log lines are collected. */
export type TestWorld<C extends Clock = VirtualClock> = World & {
  readonly clock: C;
  readonly events: BusEvent[];
  readonly lines: LogLine[];
};

export const operator: Caller = { kind: 'operator', arn: `arn:aws:iam::${ACCOUNT}:user/operator` };

export function testWorld(options: Omit<Options<VirtualClock>, 'clock'> = {}): TestWorld {
  return testWorldWith(new VirtualClock(), options);
}

export function testWorldWith<C extends Clock>(
  clock: C,
  { seed = 1, faults = [], authorize = async () => undefined }: Options<C> = {},
): TestWorld<C> {
  const random = new Random(seed);
  const events: BusEvent[] = [];
  const lines: LogLine[] = [];
  const dispatcher = new Dispatcher({
    clock,
    random,
    faults: new FaultPlan(faults),
    authorize,
    stopExecution: async (arn) => {
      await dispatcher.call(operator, 'states', 'StopExecution', { executionArn: arn });
    },
  });
  return {
    account: ACCOUNT,
    region: REGION,
    clock,
    random,
    dispatcher,
    resourcePolicies: new ResourcePolicies(),
    emit: (event: BusEvent) => events.push(event),
    log: (group: string, stream: string, written: readonly string[]) =>
      lines.push(...written.map((line) => ({ group, stream, line }))),
    events,
    lines,
  };
}
