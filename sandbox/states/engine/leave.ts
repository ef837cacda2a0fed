import type { Exit } from '../definition/model.ts';
import { StateFailure } from '../failure.ts';
import { exceedsPayload, type Json } from '../json.ts';
import { payload, type Payload } from './execution.ts';
import type { Extras, Frame, Visit } from './frame.ts';

/** How a state is left. */
export interface Outcome {
  readonly output: Payload;
  readonly assigned: ReadonlyMap<string, Json>;
  /** Undefined at the end of a flow. */
  readonly next: string | undefined;
}

/** Evaluates Output and Assign side by side: neither sees what the other gives. Without Output, `otherwise` goes on. */
export async function outcome(
  exit: Exit,
  next: string | undefined,
  otherwise: Payload,
  extras: Extras,
  visit: Visit,
  frame: Frame,
): Promise<Outcome> {
  const scope = exit.output === undefined && exit.assign === undefined ? undefined : frame.scope(visit, extras);
  const output =
    exit.output === undefined || scope === undefined ? otherwise : payload(await exit.output.evaluate(scope));
  const assigned = new Map<string, Json>();
  for (const [name, template] of exit.assign ?? []) {
    if (scope !== undefined) assigned.set(name, await template.evaluate(scope));
  }
  if (exceedsPayload(output.text)) throw dataLimitExceeded(visit.name);
  return { output, assigned, next };
}

export function dataLimitExceeded(what: string): StateFailure {
  return new StateFailure(
    'States.DataLimitExceeded',
    `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}

/** Assigns the variables and records that the state was left. */
export function leave({ name, type }: Visit, { output, assigned }: Outcome, frame: Frame): void {
  if (type === 'Fail') return;
  const assignedVariables = Object.fromEntries(
    [...assigned].map(([variable, value]) => [variable, JSON.stringify(value)]),
  );
  frame.record({
    type: `${type}StateExited`,
    stateExitedEventDetails: {
      name,
      output: output.text,
      outputDetails: { truncated: false },
      ...(assigned.size > 0 && { assignedVariables, assignedVariablesDetails: { truncated: false } }),
    },
  });
  for (const [variable, value] of assigned) frame.variables.set(variable, value);
  frame.current = undefined;
}
