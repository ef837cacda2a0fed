import * as z from '../zod.ts';
import {
  AcceptedExecution,
  ExecutionDocument,
  ExecutionPage,
  ExecutionStatus,
  ExecutionSummary,
  StoppedExecution,
} from '../schemas/execution-document.ts';
import { ApprovalDocument, ApprovalRequest } from '../schemas/approval.ts';
import { Problem } from '../schemas/problem.ts';
import type { StartRoute } from '../schemas/routes.ts';
import type { Schema } from './types.ts';
import { asOnTheWire } from './wire-schema.ts';

type Schemas = Readonly<Record<string, Schema>>;

const AT = '#/components/schemas/';
const ANSWERS = {
  ApprovalDocument,
  AcceptedExecution,
  ExecutionDocument,
  ExecutionPage,
  ExecutionStatus,
  ExecutionSummary,
  Problem,
  StoppedExecution,
};

/** What API Gateway answers by itself, where no function of ours was asked. */
const GATEWAY_MESSAGE: Schema = {
  type: 'object',
  description: 'What API Gateway answers by itself.',
  properties: { message: { type: 'string', description: 'The status in words.' } },
  required: ['message'],
};

export const ref = (name: string): Schema => ({ $ref: AT + name });

/** What the schemas of a start route are called: `RunCommandRequest`, `RunCommandResult`. */
export const schemaName = ({ runbook }: Pick<StartRoute, 'runbook'>, kind: 'Request' | 'Result'): string =>
  runbook.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()) + kind;

/** The components of the document, made from the zod schemas that validate. */
export function componentSchemas(routes: readonly StartRoute[]): Schemas {
  const requests: (readonly [string, z.ZodMiniType])[] = [
    ...routes.map((route) => [schemaName(route, 'Request'), route.request] as const),
    ['ApprovalRequest', ApprovalRequest],
  ];
  const results = routes.map((route) => [schemaName(route, 'Result'), route.result] as const);
  const answers = written('output', [...results, ...Object.entries(ANSWERS)]);
  const anyResult = results.map(([name]) => ref(name));
  return {
    ...written('input', requests),
    ...answers,
    ...Object.fromEntries(
      ['ExecutionDocument', 'StoppedExecution'].map((name) => [name, withResult(answers[name], anyResult)]),
    ),
    GatewayMessage: GATEWAY_MESSAGE,
  };
}

function written(io: 'input' | 'output', schemas: readonly (readonly [string, z.ZodMiniType])[]): Schemas {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of schemas) registry.add(schema, { id });
  const document = z.toJSONSchema(registry, { io, uri: (id) => AT + id, override: asOnTheWire(io) });
  for (const schema of Object.values(document.schemas)) {
    // The document says the one for all, and where each stands the other.
    delete schema.$schema;
    delete schema.$id;
  }
  return document.schemas as Schemas;
}

/** Rows hold results of every runbook, so zod knows nothing of them. */
function withResult(schema: Schema = {}, anyOf: readonly Schema[]): Schema {
  const { properties } = schema;
  return { ...schema, properties: { ...properties, result: { ...properties?.['result'], anyOf } } };
}
