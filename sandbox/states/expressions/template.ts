import { EvaluationError } from '../failure.ts';
import { isObject, typeName, type Json } from '../json.ts';
import { Expression } from './expression.ts';
import type { Scope } from './scope.ts';

/** A field's value as the definition writes it: JSON in which strings of the form `{% … %}` are expressions. */
export interface Template {
  readonly location: string;
  evaluate(scope: Scope): Promise<Json>;
}

interface ExpressionTemplate extends Template {
  readonly expression: Expression;
}

/** Called for each expression with its place: relative to the state, as causes name it. */
export type Found = (expression: Expression, location: string) => void;

/** The expression within `{% … %}`, or undefined when the text is meant as it stands. */
export function expressionText(text: string): string | undefined {
  return text.startsWith('{%') && text.endsWith('%}') && text.length >= 4 ? text.slice(2, -2).trim() : undefined;
}

const literal = (value: Json, location: string): Template => ({ location, evaluate: async () => value });

function list(parts: readonly Template[], location: string): Template {
  return {
    location,
    async evaluate(scope) {
      const values: Json[] = [];
      for (const part of parts) values.push(await part.evaluate(scope));
      return values;
    },
  };
}

function record(parts: readonly (readonly [string, Template])[], location: string): Template {
  return {
    location,
    async evaluate(scope) {
      const entries: [string, Json][] = [];
      for (const [key, part] of parts) entries.push([key, await part.evaluate(scope)]);
      return Object.fromEntries(entries);
    },
  };
}

function hasExpression(value: Json): boolean {
  if (typeof value === 'string') return expressionText(value) !== undefined;
  if (Array.isArray(value)) return value.some(hasExpression);
  return isObject(value) && Object.values(value).some(hasExpression);
}

/** Compiles a field. Throws what JSONata's parser throws; `found` sees each expression. */
export function compile(value: Json, location: string, found: Found): Template | ExpressionTemplate {
  if (!hasExpression(value)) return literal(value, location);
  if (typeof value === 'string') {
    const expression = new Expression(expressionText(value) ?? '');
    found(expression, location);
    return { location, expression, evaluate: (scope) => expression.evaluate(scope, location) };
  }
  if (Array.isArray(value)) {
    return list(
      (value as readonly Json[]).map((each, index) => compile(each, `${location}[${index}]`, found)),
      location,
    );
  }
  return record(
    Object.entries(value as Readonly<Record<string, Json>>).map(([key, each]) => [
      key,
      compile(each, `${location}/${key}`, found),
    ]),
    location,
  );
}

interface Types {
  array: readonly Json[];
  boolean: boolean;
  number: number;
  string: string;
}

/** Evaluates a field whose value must be of one type. */
export async function evaluateAs<K extends keyof Types>(template: Template, scope: Scope, type: K): Promise<Types[K]> {
  const value = await template.evaluate(scope);
  if (typeName(value) === type) return value as Types[K];
  const { location } = template;
  const named =
    'expression' in template
      ? `The JSONata expression '${(template as ExpressionTemplate).expression.source}' specified for`
      : 'The value of';
  throw new EvaluationError(
    `${named} the field '${location}' returned an unexpected result type. Expected '${type}', but was '${typeName(value)}' for value: ${JSON.stringify(value)}`,
    location,
  );
}
