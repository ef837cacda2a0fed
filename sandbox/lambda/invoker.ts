import type { InvocationRequest as Input, InvocationResponse } from '@aws-sdk/client-lambda';
import { notImplemented } from '../core/aws-error.ts';
import type { Call, Caller } from '../core/service.ts';
import type { World } from '../core/world.ts';
import type { AsynchronousInvocations } from './asynchronous.ts';
import type { Concurrency } from './concurrency.ts';
import { invalidParameter, invalidRequestContent, requestTooLarge } from './errors.ts';
import type { Functions, Target } from './functions.ts';
import { Invocation, type InvocationResult } from './invocation.ts';
import type { Pool } from './pool.ts';
import type { Turns } from './turns.ts';

const SYNCHRONOUS_LIMIT = 6_291_456;
const ASYNCHRONOUS_LIMIT = 1_048_576;
const LOG_TAIL = 4096;

interface Given {
  readonly world: Pick<World, 'clock' | 'random' | 'log'>;
  readonly functions: Functions;
  readonly pool: Pool;
  readonly turns: Turns;
  readonly concurrency: Concurrency;
  readonly asynchronous: AsynchronousInvocations;
  readonly assumeRole: (roleArn: string, sessionName: string) => Caller;
}

const MODELLED_PARAMETERS = ['ClientContext', 'FunctionName', 'InvocationType', 'LogType', 'Payload', 'Qualifier'];

function refuseUnmodelled(input: Input): void {
  for (const [name, value] of Object.entries(input))
    if (value !== undefined && !MODELLED_PARAMETERS.includes(name))
      throw notImplemented(`the parameter ${name} of lambda:Invoke`);
}

/** An event as text; the SDKs send none for no payload, and the function then gets `{}`. */
function payloadOf({ Payload }: Input, limit: number): string {
  if (Payload === undefined || Payload.length === 0) return '{}';
  const bytes = Buffer.from(Payload);
  if (bytes.length > limit) throw requestTooLarge(limit);
  const text = bytes.toString();
  try {
    JSON.parse(text);
  } catch (error) {
    throw invalidRequestContent(error instanceof Error ? error.message : String(error));
  }
  return text;
}

function clientContextOf({ ClientContext }: Input): string | undefined {
  if (ClientContext === undefined) return undefined;
  const text = Buffer.from(ClientContext, 'base64').toString();
  try {
    JSON.parse(text);
  } catch {
    throw invalidRequestContent('Client context must be a valid Base64-encoded JSON object.');
  }
  return text;
}

/** Invoke in its three types. Source: AWS Lambda API Reference, Invoke. */
export class Invoker {
  readonly #given: Given;

  constructor(given: Given) {
    this.#given = given;
  }

  async invoke(input: Input, call: Call): Promise<InvocationResponse> {
    refuseUnmodelled(input);
    const target = this.#given.functions.resolve(input.FunctionName, input.Qualifier);
    switch (input.InvocationType ?? 'RequestResponse') {
      case 'DryRun':
        return { StatusCode: 204 };
      case 'Event':
        return this.#accept(input, target, call);
      case 'RequestResponse':
        return this.#answer(input, target, call);
      default:
        throw invalidParameter(`Invalid InvocationType: ${String(input.InvocationType)}`);
    }
  }

  async #answer(input: Input, target: Target, call: Call): Promise<InvocationResponse> {
    const result = await this.#run(input, target, call, payloadOf(input, SYNCHRONOUS_LIMIT));
    const tail = Buffer.from(`${result.events.join('\n')}\n`).subarray(-LOG_TAIL);
    return {
      StatusCode: 200,
      ...(result.failed && { FunctionError: 'Unhandled' }),
      ...(input.LogType === 'Tail' && { LogResult: tail.toString('base64') }),
      Payload: Buffer.from(result.payload),
      ExecutedVersion: target.version.version,
    };
  }

  #accept(input: Input, target: Target, call: Call): InvocationResponse {
    const { functions, asynchronous, assumeRole } = this.#given;
    const payload = payloadOf(input, ASYNCHRONOUS_LIMIT);
    asynchronous.enqueue({
      target,
      config: functions.eventInvokeConfig(target),
      payload,
      requestId: call.requestId,
      caller: assumeRole(target.version.properties.Role, target.version.name),
      attempt: () => this.#run(input, target, call, payload),
    });
    return { StatusCode: 202, Payload: new Uint8Array() };
  }

  #run(
    input: Input,
    { version, arn }: Target,
    { requestId, executionArn }: Call,
    payload: string,
  ): Promise<InvocationResult> {
    const clientContext = clientContextOf(input);
    const request = {
      version,
      arn,
      payload,
      requestId,
      ...(clientContext !== undefined && { clientContext }),
      ...(executionArn !== undefined && { executionArn }),
    };
    return this.#given.concurrency.within(version, () => Invocation.run(this.#given, request));
  }
}
