import { AwsError } from '../core/aws-error.ts';
import type { Api } from './api.ts';
import { decoded } from './aws-chunked.ts';
import type { WireRequest, WireResponse } from './http.ts';
import { modelled, type Protocol } from './protocol.ts';
import { missingMembers } from './required.ts';
import { readInput, writeOutput, type BodyFormat } from './rest.ts';
import { Router } from './router.ts';
import { element, writeXml, XML_DECLARATION, xmlCodec } from './xml.ts';

/** restXml as S3 speaks it, path-style: https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html */
export function restXml(api: Api): Protocol {
  const codec = xmlCodec(api.namespace, true);
  const router = new Router(api, 'Bucket');
  const format: BodyFormat = {
    contentType: 'application/xml',
    read(schema, body) {
      try {
        return codec.createDeserializer().read(schema, body) as unknown;
      } catch {
        throw malformed();
      }
    },
    write: (schema, value) => writeXml(codec, schema, value),
  };
  return {
    read(request) {
      const match = router.match(request);
      if (match === undefined)
        throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
      const input = readInput(format, match, decoded(request));
      if (missingMembers(match.operation.input, input).length > 0) throw malformed();
      return { operation: match.operation.name, input };
    },
    write(name, output, requestId) {
      const operation = api.operations.get(name);
      if (operation === undefined) throw new Error(`${api.id} has no operation ${name}`);
      const values = (output ?? {}) as Record<string, unknown>;
      const response = writeOutput(format, operation, values);
      const status = response.status === 200 && values['ContentRange'] !== undefined ? 206 : response.status;
      const body = name === 'GetBucketLocation' ? location(api, values['LocationConstraint']) : response.body;
      return { status, body, headers: { ...response.headers, ...idHeaders(requestId) } };
    },
    fail(error, requestId, request) {
      const { status } = modelled(api, error);
      return {
        status,
        headers: { 'content-type': 'application/xml', ...idHeaders(requestId) },
        body: errorXml(error, requestId, request),
      };
    },
  };
}

const malformed = (): AwsError =>
  new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

const idHeaders = (requestId: string): Record<string, string> => ({
  'x-amz-request-id': requestId,
  'x-amz-id-2': requestId,
});

/** The one answer of S3 whose root element is its only member. */
const location = (api: Api, constraint: unknown): string =>
  `${XML_DECLARATION}<LocationConstraint xmlns="${api.namespace}">${typeof constraint === 'string' ? constraint : ''}</LocationConstraint>`;

function errorXml(error: AwsError, requestId: string, request: WireRequest): WireResponse['body'] {
  if (request.method === 'HEAD' || error.status === 304) return '';
  const members = Object.entries(error.members).map(([name, value]) => element(name, String(value)));
  const ids = [element('RequestId', requestId), element('HostId', requestId)];
  return (
    XML_DECLARATION +
    element('Error', [element('Code', error.code), element('Message', error.message), ...members, ...ids])
  );
}
