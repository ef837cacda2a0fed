import { readdirSync, readFileSync } from 'node:fs';

type Json = Readonly<Record<string, unknown>>;

interface Clause {
  readonly ErrorEquals: readonly string[];
  readonly Next?: string;
}

/** A state as these tests read it. */
export interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Arguments?: Json;
  readonly Choices?: readonly (Json & { readonly Condition: string; readonly Next: string })[];
  readonly Default?: string;
  readonly Retry?: readonly Clause[];
  readonly Catch?: readonly Clause[];
  readonly Next?: string;
  readonly ItemProcessor?: Flow;
}

interface Flow {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Definition extends Flow {
  readonly QueryLanguage: string;
  readonly TimeoutSeconds?: number;
}

const FOLDER = new URL('../../statemachines/', import.meta.url);

export const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.asl.json'))
  .map((file) => file.replace('.asl.json', ''));

export function textOf(name: string): string {
  return readFileSync(new URL(`${name}.asl.json`, FOLDER), 'utf8');
}

export function definitionOf(name: string): Definition {
  return JSON.parse(textOf(name)) as Definition;
}

export function statesOf(name: string): readonly (readonly [string, State])[] {
  return flowsOf(name).flatMap(({ States }) => Object.entries(States));
}

/** The machine itself, and what its Maps do with each item. */
export function flowsOf(name: string): readonly Flow[] {
  const inside = (flow: Flow): Flow[] => [
    flow,
    ...Object.values(flow.States).flatMap(({ ItemProcessor }) =>
      ItemProcessor === undefined ? [] : inside(ItemProcessor),
    ),
  ];
  return inside(definitionOf(name));
}

export function tasksOf(name: string): readonly (readonly [string, State])[] {
  return statesOf(name).filter(([, { Type }]) => Type === 'Task');
}

/** Every string anywhere in a value. */
export function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** Tasks that invoke a function, with the placeholder of its ARN and the payload. */
export function invocationsOf(
  name: string,
): readonly { readonly state: string; readonly placeholder: string; readonly payload: Json }[] {
  return tasksOf(name)
    .filter(([, { Resource = '' }]) => /^arn:aws:states:::lambda:invoke(?:\.waitForTaskToken)?$/.test(Resource))
    .map(([state, { Arguments = {} }]) => ({
      state,
      placeholder: (Arguments['FunctionName'] as string).replace(/^\$\{(\w+)\}$/, '$1'),
      payload: Arguments['Payload'] as Json,
    }));
}
