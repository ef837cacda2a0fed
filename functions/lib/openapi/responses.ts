import { PROBLEM_TYPES, problemType } from '../problem-types.ts';
import { REQUEST_ID } from './examples.ts';
import { gatewayAnswers, gatewayMedia } from './gateway-answers.ts';
import { ref } from './schemas.ts';
import type { Authorization } from './security.ts';
import type { Example, MediaType, Response, Schema } from './types.ts';

type Content = Readonly<Record<string, MediaType>>;

/** A JSON body, with an example where there is one. */
export const jsonBody = (schema: Schema, example?: unknown): Content => ({
  'application/json': { schema, ...(example !== undefined && { examples: { example: { value: example } } }) },
});

/** What may go wrong on a route, by status: problems of ours by their names, and what API Gateway answers by itself. */
export function failures(names: readonly string[], authorization: Authorization): Readonly<Record<string, Response>> {
  const gateway = gatewayAnswers(authorization);
  const ours = Map.groupBy([...names].sort(), (name) => problemType(name).status);
  const statuses = new Set([...ours.keys(), ...Object.keys(gateway).map(Number)]);
  return Object.fromEntries(
    [...statuses].map((status) => {
      const own = ours.get(status) ?? [];
      const theirs = gateway[status];
      const told = own.map((name) => `${name}: ${problemType(name).title}.`);
      if (theirs !== undefined) told.push(`From API Gateway: ${theirs.when}.`);
      const content = { ...(own.length > 0 && problemBody(own)), ...(theirs !== undefined && gatewayMedia(theirs)) };
      return [String(status), { description: told.join(' '), content }];
    }),
  );
}

const problemBody = (names: readonly string[]): Content => ({
  'application/problem+json': {
    schema: ref('Problem'),
    examples: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/examples/${name}` }])),
  },
});

/** An example of every problem, by its name. */
export const problemExamples = (): Readonly<Record<string, Example>> =>
  Object.fromEntries(
    Object.entries(PROBLEM_TYPES).map(([name, { status, title }]) => [
      name,
      { value: { type: `urn:fleetwright:problem:${name}`, title, status, request_id: REQUEST_ID } },
    ]),
  );
