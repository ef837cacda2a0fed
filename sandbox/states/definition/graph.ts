import type { Diagnostics } from './diagnostics.ts';
import type { Exit, Flow, State } from './model.ts';

const continues = (state: State): boolean => state.type !== 'Succeed' && state.type !== 'Fail';

/** The states that a state may lead to. */
function successors(state: State): string[] {
  switch (state.type) {
    case 'Succeed':
    case 'Fail':
      return [];
    case 'Choice':
      return [...state.choices.map(({ next }) => next), ...(state.default === undefined ? [] : [state.default])];
    default:
      return [
        ...(state.next === undefined ? [] : [state.next]),
        ...('catch' in state ? state.catch.map(({ next }) => next) : []),
      ];
  }
}

const isEnd = (state: State): boolean =>
  !continues(state) || (state.type !== 'Choice' && 'next' in state && state.next === undefined);

/** Every state is reached, every transition leads somewhere, and there is an end. `names` are all, read well or not. */
export function checkFlow(
  { startAt, states }: Flow,
  names: readonly string[],
  at: string,
  diagnostics: Diagnostics,
): void {
  const known = new Set(names);
  if (!known.has(startAt))
    diagnostics.add('MISSING_TRANSITION_TARGET', `Missing 'Next' target: ${startAt}`, `${at}/StartAt`);
  const reached = new Set([startAt]);
  for (const [name, state] of states) {
    for (const next of successors(state)) {
      reached.add(next);
      if (!known.has(next))
        diagnostics.add('MISSING_TRANSITION_TARGET', `Missing 'Next' target: ${next}`, `${at}/States/${name}/Next`);
    }
  }
  if (states.size < names.length) return;
  for (const name of names) {
    if (!reached.has(name))
      diagnostics.add('MISSING_TRANSITION_TARGET', `State "${name}" is not reachable.`, `${at}/States/${name}`);
  }
  if (![...states.values()].some(isEnd))
    diagnostics.add('MISSING_END_STATE', 'No terminal state found', `${at}/States`);
}

function assigned({ assign }: Exit): string[] {
  return [...(assign?.keys() ?? [])];
}

function assignments(state: State): string[] {
  if (state.type === 'Fail') return [];
  const rules = state.type === 'Choice' ? state.choices : 'catch' in state ? state.catch : [];
  return [...assigned(state), ...rules.flatMap(assigned)];
}

function inner(state: State): readonly Flow[] {
  if (state.type === 'Parallel') return state.branches;
  // The children of a Distributed Map are executions of their own: they see no variable of ours.
  return state.type === 'Map' && state.distributed === undefined ? [state.processor] : [];
}

/** An inner flow cannot assign a variable of an outer one. Source: Developer Guide, "Variable scope". */
export function checkVariables(
  flow: Flow,
  diagnostics: Diagnostics,
  outer: ReadonlySet<string> = new Set(),
  at = '',
): void {
  const here = new Set(outer);
  for (const [name, state] of flow.states) {
    for (const variable of assignments(state)) {
      if (outer.has(variable))
        diagnostics.schema(
          `Variable '${variable}' is already assigned in an outer scope`,
          `${at}/States/${name}/Assign`,
        );
      here.add(variable);
    }
  }
  for (const [name, state] of flow.states) {
    for (const each of inner(state)) checkVariables(each, diagnostics, here, `${at}/States/${name}`);
  }
}
