import { addStandardRetries } from './standard-retry.ts';
import type { StateMachine } from './standard-retry.ts';

/** A definition as it goes into the template, and what is wrong with it. */
export interface Definition {
  readonly text: string;
  readonly problems: readonly string[];
}

/** As CloudFormation finds them; `${` followed by anything else is JSONata. */
const PLACEHOLDER = /\$\{(?<name>[A-Za-z0-9]+)\}/g;

/** Adds the standard retries to a state machine's text and holds its placeholders and what fills them to each other. */
export function prepareDefinition(source: string, filled: readonly string[]): Definition {
  const asked = new Set([...source.matchAll(PLACEHOLDER)].map(({ groups }) => groups?.name ?? ''));
  const machine = JSON.parse(source) as StateMachine;
  const withoutRetry = addStandardRetries(machine);
  return {
    text: JSON.stringify(machine, undefined, 2),
    problems: [
      ...[...asked]
        .filter((name) => !filled.includes(name))
        .map((name) => `asks for \${${name}}, which nothing fills: add it to the substitutions`),
      ...filled
        .filter((name) => !asked.has(name))
        .map((name) => `never asks for \${${name}}, which is filled: take it out of the substitutions`),
      ...withoutRetry.map(
        (task) => `has no standard retry for ${task}: write a Retry, or add one to standard-retry.ts`,
      ),
    ],
  };
}
