import { FromStringShapeDeserializer, ToStringShapeSerializer } from '@smithy/core/protocols';
import { AwsError } from '../core/aws-error.ts';
import type { ApiOperation } from './api.ts';
import { header, type WireRequest, type WireResponse } from './http.ts';
import type { Match } from './router.ts';
import { membersOf, reshaped, traitsOf, type NormalizedSchema } from './schema.ts';

/** How the bodies of a REST protocol are written; the bindings to path, query and headers are common to all. */
export interface BodyFormat {
  readonly contentType: string;
  read(schema: NormalizedSchema, body: Buffer): unknown;
  write(schema: NormalizedSchema, value: unknown): Uint8Array | string;
}

const settings = { timestampFormat: { useTrait: true, default: 5 as const }, httpBindings: true };
const fromString = new FromStringShapeDeserializer(settings);
const toString = new ToStringShapeSerializer(settings);

function inBody(member: NormalizedSchema): boolean {
  const { httpLabel, httpQuery, httpQueryParams, httpHeader, httpPrefixHeaders, httpResponseCode } = traitsOf(member);
  const bound = httpQuery ?? httpHeader ?? httpPrefixHeaders;
  return bound === undefined && !httpLabel && !httpQueryParams && !httpResponseCode;
}

const bodies = new Map<NormalizedSchema, NormalizedSchema>();

/** The part of a structure that travels in the body, under the name of the body's root. */
function bodyOf(schema: NormalizedSchema): NormalizedSchema {
  const body = bodies.get(schema) ?? reshaped(schema, traitsOf(schema).xmlName ?? schema.getName() ?? 'Body', inBody);
  bodies.set(schema, body);
  return body;
}

const payloadOf = (schema: NormalizedSchema) => membersOf(schema).find(([, member]) => traitsOf(member).httpPayload);

/** Reads an input from where its members are bound; https://smithy.io/2.0/spec/http-bindings.html */
export function readInput(
  format: BodyFormat,
  { operation, labels }: Match,
  request: WireRequest,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [name, member] of membersOf(operation.input)) {
    const value = readBound(name, member, labels, request);
    if (value !== undefined) input[name] = value;
  }
  const payload = payloadOf(operation.input);
  if (payload !== undefined) return { ...input, ...readPayload(format, payload, request.body) };
  if (request.body.length === 0 || operation.input.isUnitSchema()) return input;
  return { ...(format.read(bodyOf(operation.input), request.body) as object), ...input };
}

function readBound(name: string, member: NormalizedSchema, labels: Match['labels'], request: WireRequest): unknown {
  const { httpLabel, httpQuery, httpQueryParams, httpHeader, httpPrefixHeaders } = traitsOf(member);
  if (httpLabel) return parsed(name, member, labels[name]);
  if (httpQuery !== undefined) {
    const values = request.query.getAll(httpQuery);
    if (member.isListSchema()) return values.length === 0 ? undefined : values;
    return parsed(name, member, values[0]);
  }
  if (httpQueryParams) return Object.fromEntries(request.query);
  if (httpHeader !== undefined) return parsed(name, member, header(request, httpHeader));
  return httpPrefixHeaders === undefined ? undefined : prefixed(httpPrefixHeaders, request);
}

function parsed(name: string, member: NormalizedSchema, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  if (member.isNumericSchema() && (text.trim() === '' || Number.isNaN(Number(text))))
    throw new AwsError('InvalidArgument', `Provided ${name} not an integer or within integer range`);
  try {
    return fromString.read(member, text) as unknown;
  } catch (error) {
    throw new AwsError('InvalidArgument', `${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function prefixed(prefix: string, { headers }: WireRequest): Record<string, string> | undefined {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix.toLowerCase()));
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), String(value)]));
}

function readPayload(format: BodyFormat, [name, member]: [string, NormalizedSchema], body: Buffer): object {
  if (member.isBlobSchema()) return { [name]: body };
  if (body.length === 0) return {};
  return { [name]: member.isStringSchema() ? body.toString('utf8') : format.read(member, body) };
}

/** Writes an output to where its members are bound. */
export function writeOutput(
  format: BodyFormat,
  operation: ApiOperation,
  output: Record<string, unknown>,
): WireResponse {
  const headers: Record<string, string> = {};
  let status = operation.http?.[2] ?? 200;
  for (const [name, member] of membersOf(operation.output)) {
    const value = output[name];
    if (value === undefined || value === null) continue;
    if (traitsOf(member).httpResponseCode) status = Number(value);
    Object.assign(headers, headersOf(member, value));
  }
  const body = writeBody(format, operation.output, output);
  if (body.length > 0) headers['content-type'] ??= format.contentType;
  return { status, headers, body };
}

function headersOf(member: NormalizedSchema, value: unknown): Record<string, string> {
  const { httpHeader, httpPrefixHeaders } = traitsOf(member);
  if (httpHeader !== undefined) {
    toString.write(member, value);
    return { [httpHeader.toLowerCase()]: toString.flush() };
  }
  if (httpPrefixHeaders === undefined) return {};
  return Object.fromEntries(
    Object.entries(value as Record<string, string>).map(([name, text]) => [httpPrefixHeaders + name, text]),
  );
}

function writeBody(format: BodyFormat, output: NormalizedSchema, value: Record<string, unknown>): Uint8Array | string {
  const payload = payloadOf(output);
  if (payload === undefined) {
    const body = bodyOf(output);
    return membersOf(body).length === 0 ? '' : format.write(body, value);
  }
  const [name, member] = payload;
  const content = value[name];
  if (content === undefined || content === null) return '';
  return member.isBlobSchema() || member.isStringSchema()
    ? (content as Uint8Array | string)
    : format.write(member, content);
}
