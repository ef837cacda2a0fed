import { JsonCodec2 } from '@aws-sdk/core/protocols';
import { AwsError } from '../core/aws-error.ts';
import type { Api } from './api.ts';
import { errorBody, readJson, writeJson } from './json-rpc.ts';
import { modelled, type Protocol } from './protocol.ts';
import { missingMembers, missingSentence } from './required.ts';
import { readInput, writeOutput, type BodyFormat } from './rest.ts';
import { Router } from './router.ts';

const codec = new JsonCodec2({ timestampFormat: { useTrait: true, default: 7 }, httpBindings: true, jsonName: true });
const format: BodyFormat = {
  contentType: 'application/json',
  read: (schema, body) => readJson(codec, schema, body),
  write: (schema, value) => writeJson(codec, schema, value),
};

/** restJson1: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
export function restJson(api: Api): Protocol {
  const router = new Router(api);
  return {
    read(request) {
      const match = router.match(request);
      if (match === undefined) throw new AwsError('UnknownOperationException', 'Unknown operation', 404);
      const input = readInput(format, match, request);
      const missing = missingMembers(match.operation.input, input);
      if (missing.length > 0) throw new AwsError('ValidationException', missingSentence(missing));
      return { operation: match.operation.name, input };
    },
    write(name, output, requestId) {
      const operation = api.operations.get(name);
      if (operation === undefined) throw new Error(`${api.id} has no operation ${name}`);
      const response = writeOutput(format, operation, (output ?? {}) as Record<string, unknown>);
      return { ...response, headers: { ...response.headers, 'x-amzn-requestid': requestId } };
    },
    fail(error, requestId) {
      const model = modelled(api, error);
      const body = { Type: model.sender ? 'User' : 'Service', ...errorBody(codec, model) };
      const headers = {
        'content-type': 'application/json',
        'x-amzn-requestid': requestId,
        'x-amzn-errortype': model.code,
      };
      return { status: model.status, headers, body: JSON.stringify(body) };
    },
  };
}
