import { CborCodec } from '@smithy/core/cbor';
import { AwsError } from '../core/aws-error.ts';
import type { Api } from './api.ts';
import type { WireResponse } from './http.ts';
import { modelled, type Protocol, queryErrorHeader } from './protocol.ts';
import { missingMembers, missingSentence } from './required.ts';
import type { NormalizedSchema } from './schema.ts';

const codec = new CborCodec();

function readCbor(schema: NormalizedSchema, body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return codec.createDeserializer().read(schema, body) as unknown;
  } catch (error) {
    throw new AwsError('SerializationException', error instanceof Error ? error.message : String(error));
  }
}

function writeCbor(schema: NormalizedSchema | 15, value: unknown): Buffer {
  const serializer = codec.createSerializer();
  serializer.write(schema, value);
  return Buffer.from(serializer.flush());
}

/** A document: what has no schema. */
const DOCUMENT = 15;

/** rpcv2Cbor: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */
export function rpcCbor(api: Api): Protocol {
  const answer = (status: number, requestId: string, body: Buffer, more = {}): WireResponse => ({
    status,
    headers: {
      'content-type': 'application/cbor',
      'smithy-protocol': 'rpc-v2-cbor',
      'x-amzn-requestid': requestId,
      ...more,
    },
    body,
  });
  return {
    read({ path, body }) {
      const operation = api.operations.get(/^\/service\/[^/]+\/operation\/(\w+)$/.exec(path)?.[1] ?? '');
      if (operation === undefined) throw new AwsError('UnknownOperationException', '', 404);
      const input = readCbor(operation.input, body);
      const missing = missingMembers(operation.input, input);
      if (missing.length > 0) throw new AwsError('ValidationError', missingSentence(missing));
      return { operation: operation.name, input };
    },
    write(name, output, requestId) {
      const schema = api.operations.get(name)?.output;
      const body =
        schema === undefined || schema.isUnitSchema() ? writeCbor(DOCUMENT, {}) : writeCbor(schema, output ?? {});
      return answer(200, requestId, body);
    },
    fail(error, requestId) {
      const model = modelled(api, error);
      const body = writeCbor(DOCUMENT, { __type: model.code, ...model.members });
      return answer(model.status, requestId, body, queryErrorHeader(api, model));
    },
  };
}
