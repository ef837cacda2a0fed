import { JsonCodec2 } from '@aws-sdk/core/protocols';
import { AwsError } from '../core/aws-error.ts';
import type { Api } from './api.ts';
import { header, type WireRequest, type WireResponse } from './http.ts';
import { checkJson, parseJson } from './json-types.ts';
import { modelled, type Protocol, queryErrorHeader } from './protocol.ts';
import { missingMembers, missingSentence } from './required.ts';
import type { NormalizedSchema } from './schema.ts';

const codec = new JsonCodec2({ timestampFormat: { useTrait: true, default: 7 }, jsonName: false });

/** Reads a JSON value by its schema; SerializationException where the types differ. */
export function readJson(reader: JsonCodec2, schema: NormalizedSchema, body: Buffer): unknown {
  const parsed = parseJson(body);
  if (parsed === null) throw new AwsError('SerializationException', 'null found where not expected');
  checkJson(schema, parsed);
  try {
    return (
      reader.createDeserializer() as unknown as { readObject(schema: unknown, value: unknown): unknown }
    ).readObject(schema, parsed);
  } catch (error) {
    throw new AwsError('SerializationException', error instanceof Error ? error.message : String(error));
  }
}

/** Taken out of the serializer's own class of bytes, which warns when it is read as text. */
export function writeJson(writer: JsonCodec2, schema: NormalizedSchema, value: unknown): Buffer {
  const serializer = writer.createSerializer();
  serializer.write(schema, value);
  const { buffer, byteOffset, byteLength } = serializer.flush();
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The body of an error answer: the modelled members, or the bare message. */
export function errorBody(
  writer: JsonCodec2,
  { schema, members }: ReturnType<typeof modelled>,
): Record<string, unknown> {
  if (schema === undefined) return { ...members };
  return {
    ...members,
    ...(JSON.parse(writeJson(writer, schema, members).toString()) as Record<string, unknown>),
  };
}

/** awsJson1_0 and awsJson1_1: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
export function jsonRpc(api: Api): Protocol {
  const contentType = `application/x-amz-json-${api.protocol === 'awsJson1_0' ? '1.0' : '1.1'}`;
  const answer = (status: number, requestId: string, body: Buffer | string, more = {}): WireResponse => ({
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId, ...more },
    body,
  });
  return {
    read(request) {
      const operation = api.operations.get(operationName(request));
      if (operation === undefined) throw new AwsError('UnknownOperationException', '');
      const input = readJson(codec, operation.input, request.body);
      const missing = missingMembers(operation.input, input);
      if (missing.length > 0) throw new AwsError('ValidationException', missingSentence(missing));
      return { operation: operation.name, input };
    },
    write(operation, output, requestId) {
      const schema = api.operations.get(operation)?.output;
      const body = schema === undefined || schema.isUnitSchema() ? '' : writeJson(codec, schema, output ?? {});
      return answer(200, requestId, body);
    },
    fail(error, requestId) {
      const model = modelled(api, error);
      const body = JSON.stringify({ __type: model.code, ...errorBody(codec, model) });
      return answer(model.status, requestId, body, { 'x-amzn-errortype': model.code, ...queryErrorHeader(api, model) });
    },
  };
}

function operationName(request: WireRequest): string {
  const target = header(request, 'x-amz-target') ?? '';
  return target.slice(target.lastIndexOf('.') + 1);
}
