import { notImplemented } from '../core/aws-error.ts';
import type { Caller, ServiceId } from '../core/service.ts';
import type { World } from '../core/world.ts';

type DestinationWorld = Pick<World, 'account' | 'region' | 'clock' | 'dispatcher'>;

/** An asynchronous invocation that has come to its end. */
export interface Settled {
  readonly requestId: string;
  /** Qualified, as `requestContext.functionArn` is. */
  readonly functionArn: string;
  readonly executedVersion: string;
  readonly condition: 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';
  readonly attempts: number;
  readonly request: string;
  /** Absent when the function never ran. */
  readonly response?: { readonly payload: string; readonly failed: boolean };
}

interface Delivery {
  readonly service: ServiceId;
  readonly operation: string;
  readonly input: object;
}

const parsed = (text: string): unknown => JSON.parse(text) as unknown;

/** The record that a destination gets. See "Capturing records of Lambda asynchronous invocations". */
function recordOf(settled: Settled, timestamp: string): object {
  const { requestId, functionArn, condition, attempts, response, executedVersion } = settled;
  const functionError = response?.failed === true ? { functionError: 'Unhandled' } : {};
  return {
    version: '1.0',
    timestamp,
    requestContext: { requestId, functionArn, condition, approximateInvokeCount: attempts },
    requestPayload: parsed(settled.request),
    ...(response && {
      responseContext: { statusCode: 200, executedVersion, ...functionError },
      responsePayload: parsed(response.payload),
    }),
  };
}

const text = (value: string) => ({ DataType: 'String', StringValue: value });

/** What a dead-letter queue or topic is told beside the event. See "Adding a dead-letter queue". */
function deadLetterAttributes({ requestId, response }: Settled): object {
  const message =
    response === undefined ? undefined : (parsed(response.payload) as { errorMessage?: string }).errorMessage;
  return {
    RequestID: text(requestId),
    ErrorCode: { DataType: 'Number', StringValue: response === undefined ? '429' : '200' },
    ...(message !== undefined && message !== '' && { ErrorMessage: text(message.slice(0, 1024)) }),
  };
}

/** Sends what becomes of asynchronous invocations to where the function's configuration says, as the function's role. */
export class Destinations {
  readonly #world: DestinationWorld;

  constructor(world: DestinationWorld) {
    this.#world = world;
  }

  /** Throws NotImplemented for a destination that the sandbox cannot reach. */
  check(arn: string): void {
    this.#delivery(arn, '', {});
  }

  async send(arn: string, settled: Settled, caller: Caller): Promise<void> {
    const body = JSON.stringify(recordOf(settled, this.#world.clock.date().toISOString()));
    const bus = {
      Source: 'lambda',
      DetailType: `Lambda Function Invocation Result - ${settled.condition === 'Success' ? 'Success' : 'Failure'}`,
      Resources: [arn, settled.functionArn],
    };
    await this.#deliver(this.#delivery(arn, body, { bus }), caller);
  }

  async sendDeadLetter(arn: string, settled: Settled, caller: Caller): Promise<void> {
    const attributes = { MessageAttributes: deadLetterAttributes(settled) };
    await this.#deliver(this.#delivery(arn, settled.request, { attributes }), caller);
  }

  async #deliver({ service, operation, input }: Delivery, caller: Caller): Promise<void> {
    await this.#world.dispatcher.call(caller, service, operation, input);
  }

  #delivery(arn: string, body: string, { attributes, bus }: { attributes?: object; bus?: object }): Delivery {
    const [, , service, region = '', account = '', name = ''] = arn.split(':');
    switch (service) {
      case 'sqs': {
        const QueueUrl = `https://sqs.${region}.amazonaws.com/${account}/${name}`;
        return { service, operation: 'SendMessage', input: { QueueUrl, MessageBody: body, ...attributes } };
      }
      case 'sns':
        return { service, operation: 'Publish', input: { TopicArn: arn, Message: body, ...attributes } };
      case 'lambda':
        return {
          service,
          operation: 'Invoke',
          input: { FunctionName: arn, InvocationType: 'Event', Payload: Buffer.from(body) },
        };
      case 'events': {
        const entry = { ...bus, EventBusName: arn, Detail: body };
        return { service, operation: 'PutEvents', input: { Entries: [entry] } };
      }
      default:
        throw notImplemented(`${arn} as the destination of a function`);
    }
  }
}
