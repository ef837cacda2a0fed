import { AwsError } from '../core/aws-error.ts';
import type { Credentials } from '../core/credentials.ts';
import type { ServiceId } from '../core/service.ts';
import type { World } from '../core/world.ts';
import { apiOf, type Api, protocolFor, type ProtocolName } from './api.ts';
import { authenticate, credentialScope, serviceOf } from './caller.ts';
import { guard } from './guard.ts';
import { header, type WireRequest, type WireResponse } from './http.ts';
import { jsonRpc } from './json-rpc.ts';
import type { Protocol } from './protocol.ts';
import { queryProtocol } from './query.ts';
import { restJson } from './rest-json.ts';
import { restXml } from './rest-xml.ts';
import { rpcCbor } from './rpc-cbor.ts';

const PROTOCOLS: Readonly<Record<ProtocolName, (api: Api) => Protocol>> = {
  awsJson1_0: jsonRpc,
  awsJson1_1: jsonRpc,
  awsQuery: queryProtocol,
  ec2Query: queryProtocol,
  restJson1: restJson,
  restXml,
  rpcv2Cbor: rpcCbor,
};

const protocols = new Map<string, Promise<Protocol>>();

const isCbor = (request: WireRequest): boolean => header(request, 'smithy-protocol') === 'rpc-v2-cbor';

/** The protocol that a request tells by its headers, for services that speak several. */
function told(request: WireRequest): ProtocolName | undefined {
  if (isCbor(request)) return 'rpcv2Cbor';
  return header(request, 'x-amz-target') === undefined ? undefined : 'awsJson1_0';
}

/** How a service speaks to a request; its schemas are read once in a process. */
function protocolOf(id: ServiceId, request: WireRequest): Promise<Protocol> {
  const name = protocolFor(id, told(request));
  const key = `${id} ${name}`;
  const protocol = protocols.get(key) ?? apiOf(id).then((api) => PROTOCOLS[name]({ ...api, protocol: name }));
  protocols.set(key, protocol);
  return protocol;
}

interface Dependencies {
  readonly world: World;
  readonly credentials: Credentials;
  /** Told of errors that are no AWS answer: bugs of the sandbox, which the client sees as InternalFailure. */
  readonly report: (error: unknown) => void;
}

/** Answers one request; rejects with AnswerLost alone, which means to close the connection without an answer. */
export async function handle(request: WireRequest, dependencies: Dependencies): Promise<WireResponse> {
  const refused = guard(request);
  if (refused !== undefined) return refused;
  const service = serviceOf(request);
  if (service === undefined) return unknownService(request);
  const protocol = await protocolOf(service, request);
  const requestId = dependencies.world.random.uuid();
  try {
    return await answer(request, service, protocol, requestId, dependencies);
  } catch (error) {
    if (error instanceof Error && error.name === 'AnswerLost') throw error;
    if (!(error instanceof AwsError)) dependencies.report(error);
    return protocol.fail(asAwsError(error), requestId, request);
  }
}

async function answer(
  request: WireRequest,
  service: ServiceId,
  protocol: Protocol,
  requestId: string,
  { world, credentials }: Dependencies,
): Promise<WireResponse> {
  if (isCbor(request) && protocolFor(service, 'rpcv2Cbor') !== 'rpcv2Cbor') throw noCbor(service);
  const { caller, executionArn, scope } = authenticate(request, service, { world, credentials });
  const { operation, input } = protocol.read(request);
  const output = await world.dispatcher.call(caller, service, operation, input, { executionArn, scope, requestId });
  return protocol.write(operation, output, requestId);
}

const noCbor = (service: ServiceId): AwsError =>
  new AwsError(
    'NotImplemented',
    `The sandbox does not speak Smithy RPC v2 CBOR for ${service}; use a client that speaks AWS JSON.`,
    501,
  );

/** An error as the client sees it: InternalFailure for what is no AWS answer. */
export function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  return new AwsError(
    'InternalFailure',
    `The sandbox failed: ${error instanceof Error ? error.message : String(error)}`,
    500,
  );
}

function unknownService(request: WireRequest): WireResponse {
  const service = credentialScope(request)?.service;
  const [status, code, message] =
    service === undefined
      ? [403, 'MissingAuthenticationTokenException', 'Missing Authentication Token']
      : [
          501,
          'NotImplemented',
          `The sandbox does not model the service ${service}; docs/sandbox.md lists what it does.`,
        ];
  return answerFor(request, status, code, message);
}

/** An error for a request whose service is not known: JSON for who sends JSON, XML for the rest. */
export function answerFor(request: WireRequest, status: number, code: string, message: string): WireResponse {
  const type = header(request, 'content-type') ?? '';
  if (!type.includes('urlencoded')) {
    const body = JSON.stringify({ __type: code, message });
    return { status, headers: { 'content-type': 'application/json', 'x-amzn-errortype': code }, body };
  }
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
