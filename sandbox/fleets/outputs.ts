import { namedOutputs } from '../cloudformation/index.ts';

export type Outputs = Readonly<Record<string, string>>;

interface ByOutput {
  readonly output: string;
}

/** A text of a fleet file, or the value of the stack output that it names; undefined for an output that there is not. */
export const outputOf = (given: string | ByOutput, outputs: Outputs): string | undefined =>
  typeof given === 'string' ? given : Object.hasOwn(outputs, given.output) ? outputs[given.output] : undefined;

/** The problem of an output that the stacks do not have. */
export function noOutput(at: string, { output }: ByOutput, outputs: Outputs): string {
  const named = namedOutputs(outputs).map(([name]) => name);
  return `  ${at}: no such stack output; the stacks have ${named.join(', ')} ("${output}" given)`;
}
