import type { AwsError } from '../core/aws-error.ts';
import type { WireRequest, WireResponse } from './http.ts';
import type { Api } from './api.ts';
import { membersOf, traitsOf, type NormalizedSchema } from './schema.ts';

/** An operation with its input as the SDK types it. */
interface Reading {
  readonly operation: string;
  readonly input: unknown;
}

/** How a service speaks over HTTP: requests into operations, outputs and errors into bytes. */
export interface Protocol {
  /** Throws AwsError, as the service words it, for what it cannot read. */
  read(request: WireRequest): Reading;
  write(operation: string, output: unknown, requestId: string): WireResponse;
  fail(error: AwsError, requestId: string, request: WireRequest): WireResponse;
}

/** The code of the query protocol, for clients of services that once spoke it: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#awsquerycompatible */
export function queryErrorHeader(
  { queryCompatible }: Api,
  { code, schema, sender }: ModelledError,
): Record<string, string> {
  if (!queryCompatible) return {};
  const queryCode = (schema && traitsOf(schema).awsQueryError?.[0]) ?? code;
  return { 'x-amzn-query-error': `${queryCode};${sender ? 'Sender' : 'Receiver'}` };
}

/** An error with what its model adds to it: code on the wire, HTTP status, name of the message member. */
export interface ModelledError {
  readonly code: string;
  readonly status: number;
  readonly sender: boolean;
  readonly schema: NormalizedSchema | undefined;
  readonly members: Readonly<Record<string, unknown>>;
}

/** The status of the model counts where the service gave none of its own (400). */
export function modelled(api: Api, error: AwsError): ModelledError {
  const schema = api.errors.get(error.code);
  const traits = schema && traitsOf(schema);
  const status = error.status === 400 ? (traits?.httpError ?? 400) : error.status;
  const names = schema ? membersOf(schema).map(([name]) => name) : [];
  const message = names.includes('Message') ? 'Message' : 'message';
  return {
    code: error.code,
    status,
    sender: status < 500,
    schema,
    members: { ...error.members, [message]: error.message },
  };
}
