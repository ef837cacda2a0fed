import { StateFailure } from '../failure.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { toInput, toResult } from './convert.ts';
import { serviceFailure } from './errors.ts';
import type { Resource } from './resource.ts';
import type { Execution } from '../engine/execution.ts';
import type { World } from '../../core/world.ts';

/** Who calls: an execution, by the role of its machine. */
export interface Caller {
  readonly execution: Execution;
  readonly world: World;
}

interface InvokeOutput {
  readonly StatusCode?: number;
  readonly FunctionError?: string;
  readonly Payload?: Uint8Array;
  readonly ExecutedVersion?: string;
}

async function dispatch({ execution, world }: Caller, resource: Resource, input: unknown): Promise<unknown> {
  const { caller, arn: executionArn } = execution.start;
  try {
    return await world.dispatcher.call(caller, resource.service, resource.operation, input, { executionArn });
  } catch (error) {
    throw await serviceFailure(error, resource, world);
  }
}

/** What the optimized integrations add to an answer. */
function metadata(world: World): JsonObject {
  const requestId = world.random.uuid();
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: { 'x-amzn-RequestId': [requestId] },
      HttpHeaders: { 'x-amzn-RequestId': requestId },
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}

const text = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function decode(payload: Uint8Array | undefined): Json {
  const decoded = new TextDecoder().decode(payload);
  if (decoded === '') return null;
  try {
    return JSON.parse(decoded) as Json;
  } catch {
    // Not JSON: AWS hands it on as text.
    return decoded;
  }
}

/** A function's own error is the task's: its type the name, what the runtime reported the cause. */
function functionFailure(payload: Json): StateFailure {
  const type = isObject(payload) ? payload['errorType'] : undefined;
  return new StateFailure(typeof type === 'string' ? type : 'Lambda.Unknown', text(payload));
}

async function invoke(
  caller: Caller,
  resource: Resource,
  input: Readonly<Record<string, unknown>>,
): Promise<InvokeOutput & { readonly result: Json }> {
  const output = (await dispatch(caller, resource, input)) as InvokeOutput;
  const result = decode(output.Payload);
  if (output.FunctionError !== undefined) throw functionFailure(result);
  return { ...output, result };
}

const bytes = (value: Json): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A Lambda function named by its ARN alone: arguments in, result out. */
async function plainFunction(caller: Caller, resource: Resource, value: Json): Promise<Json> {
  const input = { FunctionName: resource.arn, InvocationType: 'RequestResponse', Payload: bytes(value) };
  return (await invoke(caller, resource, input)).result;
}

async function lambdaInvoke(caller: Caller, resource: Resource, value: JsonObject): Promise<Json> {
  const { Payload = {}, ...others } = value;
  const { StatusCode, ExecutedVersion, result } = await invoke(caller, resource, {
    InvocationType: 'RequestResponse',
    ...others,
    Payload: bytes(Payload),
  });
  return {
    ...(ExecutedVersion !== undefined && { ExecutedVersion }),
    Payload: result,
    ...metadata(caller.world),
    StatusCode: StatusCode ?? 200,
  };
}

async function startExecution(caller: Caller, resource: Resource, value: JsonObject): Promise<Json> {
  const { Input = {}, Name, StateMachineArn, ...others } = value;
  const input = {
    stateMachineArn: StateMachineArn,
    input: JSON.stringify(Input),
    ...(Name !== undefined && { name: Name }),
    ...(toInput('states', others) as object),
  };
  const { executionArn, startDate } = (await dispatch(caller, resource, input)) as {
    executionArn: string;
    startDate: Date;
  };
  return { ExecutionArn: executionArn, ...metadata(caller.world), StartDate: startDate.getTime() };
}

/** Messages and details given as JSON are sent as their text. */
function withText(value: Json | undefined, field: string): Json | undefined {
  if (!isObject(value) || value[field] === undefined) return value;
  return { ...value, [field]: text(value[field]) };
}

function optimizedInput({ service }: Resource, value: JsonObject): Json {
  if (service === 'sns') return withText(value, 'Message') ?? value;
  if (service === 'sqs') return withText(value, 'MessageBody') ?? value;
  const entries = value['Entries'];
  if (service !== 'events' || !Array.isArray(entries)) return value;
  return { ...value, Entries: (entries as readonly Json[]).map((entry) => withText(entry, 'Detail') ?? entry) };
}

async function optimized(caller: Caller, resource: Resource, value: JsonObject): Promise<Json> {
  if (resource.service === 'lambda') return lambdaInvoke(caller, resource, value);
  if (resource.service === 'states') return startExecution(caller, resource, value);
  const answer = toResult(resource.service, await dispatch(caller, resource, optimizedInput(resource, value)));
  if (resource.service === 'events' && isObject(answer) && Number(answer['FailedEntryCount'] ?? 0) > 0) {
    throw new StateFailure('EventBridge.FailedEntry', JSON.stringify(answer));
  }
  return { ...(answer as JsonObject), ...metadata(caller.world) };
}

/** Blobs are given as JSON, and sent as its text. */
function sdkInput({ service, operation }: Resource, value: JsonObject): unknown {
  const blob =
    service === 's3' && operation === 'PutObject'
      ? 'Body'
      : service === 'lambda' && operation === 'Invoke'
        ? 'Payload'
        : undefined;
  const body = blob === undefined ? undefined : value[blob];
  return blob === undefined || body === undefined ? toInput(service, value) : { ...value, [blob]: bytes(body) };
}

/** Makes a task's call and returns its answer as JSON. Throws StateFailure by the error names of the integration. */
export async function integrate(caller: Caller, resource: Resource, value: Json): Promise<Json> {
  if (resource.kind === 'function') return plainFunction(caller, resource, value);
  if (!isObject(value)) {
    throw new StateFailure(
      'States.Runtime',
      `The Arguments of '${resource.arn}' must be a JSON object, but were: ${JSON.stringify(value)}`,
    );
  }
  if (resource.kind === 'optimized') return optimized(caller, resource, value);
  return toResult(resource.service, await dispatch(caller, resource, sdkInput(resource, value)));
}
