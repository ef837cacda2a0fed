import { AwsError } from '../core/aws-error.ts';
import type { Api, ApiOperation } from './api.ts';
import type { WireRequest, WireResponse } from './http.ts';
import { modelled, type ModelledError, type Protocol } from './protocol.ts';
import { queryKey, QueryReader } from './query-reader.ts';
import { missingMembers, missingSentence } from './required.ts';
import { membersOf, reshaped, structure, traitsOf, type NormalizedSchema, type SchemaRef } from './schema.ts';
import { element, writeXml, XML_DECLARATION, xmlCodec } from './xml.ts';

const METADATA = [3, 'sandbox', 'ResponseMetadata', 0, ['RequestId'], [0]] as unknown as SchemaRef;

/** The envelope around an output: its schema, and the value to write by it. */
interface Envelope {
  readonly schema: NormalizedSchema;
  readonly value: (output: object, requestId: string) => object;
}

/** https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#response-serialization */
function queryEnvelope({ name, output }: ApiOperation): Envelope {
  const result = `${name}Result`;
  const schema = output.isUnitSchema()
    ? structure(`${name}Response`, ['ResponseMetadata'], [METADATA])
    : structure(`${name}Response`, [result, 'ResponseMetadata'], [output.getSchema(), METADATA]);
  return { schema, value: (value, RequestId) => ({ [result]: value, ResponseMetadata: { RequestId } }) };
}

/** https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html; an operation without output answers `return`. */
function ec2Envelope({ name, output }: ApiOperation): Envelope {
  const done: Readonly<Record<string, SchemaRef>> = output.isUnitSchema() ? { return: 2 } : {};
  const schema = reshaped(output, `${name}Response`, () => true, { requestId: 0 as SchemaRef, ...done });
  return { schema, value: (value, requestId) => ({ ...value, requestId, return: true }) };
}

/** awsQuery and ec2Query: form-encoded requests, XML answers. */
export function queryProtocol(api: Api): Protocol {
  const ec2 = api.protocol === 'ec2Query';
  const reader = new QueryReader(ec2);
  const codec = xmlCodec(api.namespace, false);
  const envelopes = new Map<string, Envelope>();
  const envelopeOf = (operation: ApiOperation): Envelope => {
    const envelope = envelopes.get(operation.name) ?? (ec2 ? ec2Envelope(operation) : queryEnvelope(operation));
    envelopes.set(operation.name, envelope);
    return envelope;
  };
  return {
    read(request) {
      const parameters = parametersOf(request);
      const operation = operationOf(api, parameters);
      const input = reader.read(operation.input, parameters);
      refuseMissing(ec2, operation.input, input);
      return { operation: operation.name, input };
    },
    write(name, output, requestId) {
      const operation = api.operations.get(name);
      if (operation === undefined) throw new Error(`${api.id} has no operation ${name}`);
      const { schema, value } = envelopeOf(operation);
      return answer(200, requestId, writeXml(codec, schema, value(output ?? {}, requestId)));
    },
    fail(error, requestId) {
      const model = modelled(api, error);
      return answer(
        model.status,
        requestId,
        ec2 ? ec2Error(error, requestId) : queryError(api, error, model, requestId),
      );
    },
  };
}

const answer = (status: number, requestId: string, body: string): WireResponse => ({
  status,
  headers: { 'content-type': 'text/xml;charset=UTF-8', 'x-amzn-requestid': requestId },
  body,
});

function parametersOf(request: WireRequest): URLSearchParams {
  const parameters = new URLSearchParams(request.query);
  for (const [key, value] of new URLSearchParams(request.body.toString('utf8'))) parameters.append(key, value);
  return parameters;
}

function operationOf(api: Api, parameters: URLSearchParams): ApiOperation {
  const action = parameters.get('Action');
  if (action === null) throw new AwsError('MissingAction', 'The request must contain the parameter Action.');
  const version = parameters.get('Version');
  const operation = api.operations.get(action);
  if (operation === undefined || (version !== null && version !== api.version))
    throw new AwsError('InvalidAction', `The action ${action} is not valid for this web service.`);
  return operation;
}

function refuseMissing(ec2: boolean, schema: NormalizedSchema, input: unknown): void {
  const missing = missingMembers(schema, input);
  const [first] = missing;
  if (first === undefined) return;
  if (!ec2) throw new AwsError('ValidationError', missingSentence(missing));
  const member = membersOf(schema).find(([name]) => name.toLowerCase() === first.toLowerCase());
  const parameter = member === undefined ? first : queryKey(true, ...member);
  throw new AwsError('MissingParameter', `The request must contain the parameter ${parameter}`);
}

const ec2Error = (error: AwsError, requestId: string): string =>
  XML_DECLARATION +
  element('Response', [
    element('Errors', [element('Error', [element('Code', error.code), element('Message', error.message)])]),
    element('RequestID', requestId),
  ]);

function queryError(api: Api, error: AwsError, { schema, sender }: ModelledError, requestId: string): string {
  const code = (schema && traitsOf(schema).awsQueryError?.[0]) ?? error.code;
  const members = Object.entries(error.members).map(([name, value]) => element(name, String(value)));
  const parts = [
    element('Type', sender ? 'Sender' : 'Receiver'),
    element('Code', code),
    element('Message', error.message),
    ...members,
  ];
  return `${XML_DECLARATION}<ErrorResponse xmlns="${api.namespace}">${element('Error', parts)}${element('RequestId', requestId)}</ErrorResponse>`;
}
