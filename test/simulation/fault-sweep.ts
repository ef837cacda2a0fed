import type { JournalEntry } from '../../sandbox/core/dispatcher.ts';
import type { Fault, FaultAction } from '../../sandbox/faults/fault-plan.ts';

/** A call that a role made, numbered per operation as a fault plan counts them. */
export interface NumberedCall {
  readonly service: JournalEntry['service'];
  readonly operation: string;
  readonly nth: number;
  /** Name of the role that made it. */
  readonly role: string;
  /** ARN of what it was made on. */
  readonly resource: string;
  /** Whether it belongs to the run, which could be stopped there. */
  readonly stoppable: boolean;
}

/** Every way in which one call can go wrong; the delays lie below and above the tasks' time-outs of 60 s. */
const ACTIONS: readonly FaultAction[] = [
  { kind: 'throttle' },
  { kind: 'server-error' },
  { kind: 'deny' },
  { kind: 'lose-answer' },
  { kind: 'delay', seconds: 20 },
  { kind: 'delay', seconds: 100 },
  { kind: 'stop-execution' },
];

/** The calls of a run; only the run itself is stopped, not the execution that completes it. */
export function callsByRoles(journal: readonly JournalEntry[], run: string): NumberedCall[] {
  const counts = new Map<string, number>();
  return journal
    .filter(({ caller }) => caller.kind === 'role')
    .map(({ service, operation, caller, permissions, executionArn }) => {
      const key = `${service}:${operation}`;
      const nth = (counts.get(key) ?? 0) + 1;
      counts.set(key, nth);
      const made = { role: caller.roleName ?? '', resource: permissions[0]?.resource ?? '' };
      return { service, operation, nth, ...made, stoppable: executionArn === run };
    });
}

/** The first and the last so many of calls that are alike, as the looks at a refresh are: those between find what these find. */
export function fewOfMany(
  calls: readonly NumberedCall[],
  alike: (call: NumberedCall) => string,
  few: number,
): NumberedCall[] {
  const groups = Map.groupBy(calls, alike);
  return calls.filter((call) => {
    const all = groups.get(alike(call)) ?? [];
    const index = all.indexOf(call);
    return index < few || index >= all.length - few;
  });
}

/** What call it is: calls of one function that do the same are alike, and invocations of one function are. */
export const byMaker = ({ role, service, operation, resource }: NumberedCall): string =>
  `${role} ${service}:${operation} ${service === 'lambda' ? resource : ''}`;

/** Each call failed once in every way that fits it. */
export function faultsFor(calls: readonly NumberedCall[]): Fault[] {
  return calls.flatMap(({ service, operation, nth, stoppable }) =>
    ACTIONS.filter(({ kind }) => stoppable || kind !== 'stop-execution').map((action) => ({
      service,
      operation,
      nth,
      action,
    })),
  );
}

export function faultTitle({ service, operation, nth, action }: Fault): string {
  const what = action.kind === 'delay' ? `delay of ${action.seconds} s` : action.kind;
  return `${what} at ${service}:${operation} #${nth}`;
}
