import type { InvocationResponse } from '@aws-sdk/client-lambda';
import { AwsError } from '../../core/aws-error.ts';
import type { Caller } from '../../core/service.ts';
import { isRefusal, isThrottle } from '../../core/transient.ts';
import type { World } from '../../core/world.ts';
import { gatewayAnswer, type ApiAnswer } from './answer.ts';
import type { Integrated } from './exchange.ts';
import type { Integration } from './http-api.ts';
import { functionAnswer, MalformedResponse } from './response.ts';
import { TIMED_OUT, within } from './within.ts';

interface Outcome {
  readonly answer: ApiAnswer;
  readonly integrated: Integrated;
  /** What API Gateway says itself, where the function did not answer. */
  readonly error?: string;
}

interface Invocation {
  readonly world: Pick<World, 'clock' | 'dispatcher'>;
  readonly integration: Integration;
  /** What the function's policy sees: `…:API/STAGE/METHOD/path`, the path as the route writes it. */
  readonly sourceArn: string;
  readonly requestId: string;
  readonly event: object;
}

const SERVICE = 'apigateway.amazonaws.com';
const NO_PERMISSION =
  "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again.";

/** Calls a route's function and makes an answer of whatever comes of it. */
export async function integrate({ world, integration, sourceArn, requestId, event }: Invocation): Promise<Outcome> {
  const { clock, dispatcher } = world;
  const startedAt = clock.now();
  const caller: Caller = { kind: 'service', arn: SERVICE, sourceArn };
  const input = { FunctionName: integration.functionArn, Payload: Buffer.from(JSON.stringify(event)) };
  const called = await within(clock, integration.timeout, () =>
    dispatcher.call(caller, 'lambda', 'Invoke', input, { requestId }).then(answered, refused),
  );
  const { integrated, ...rest } = called === TIMED_OUT ? timedOut : called;
  return { ...rest, integrated: { ...integrated, requestId, latency: clock.now() - startedAt } };
}

/** An outcome before it is known how long it took. */
type Called = Omit<Outcome, 'integrated'> & { readonly integrated: Omit<Integrated, 'requestId' | 'latency'> };

const failed = (status: number, error: string, integrated: Called['integrated']): Called => ({
  answer: gatewayAnswer(status, error),
  error,
  integrated,
});
const broken = (error: string, lambdaStatus: number): Called =>
  failed(500, 'Internal Server Error', { error, lambdaStatus });

const timedOut: Called = failed(503, 'Service Unavailable', { error: 'Endpoint request timed out' });

function answered(output: unknown): Called {
  const { Payload, FunctionError } = output as InvocationResponse;
  const payload = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) {
    const reason = `The Lambda function returned the following error: ${payload}. Check your Lambda function code and try again.`;
    return broken(reason, 200);
  }
  try {
    const answer = functionAnswer(payload);
    return { answer, integrated: { lambdaStatus: 200, status: answer.status } };
  } catch (error) {
    if (error instanceof MalformedResponse) return broken(error.message, 200);
    throw error;
  }
}

/** What Lambda itself refused. A gap in the sandbox is not Lambda's refusal, and surfaces. */
function refused(error: unknown): Called {
  if (!isRefusal(error)) throw error;
  if (!(error instanceof AwsError)) return broken(error.message, 500);
  if (error.code === 'AccessDeniedException') return broken(NO_PERMISSION, error.status);
  const integrated = { error: error.message, lambdaStatus: error.status };
  if (isThrottle(error)) return failed(503, 'Service Unavailable', integrated);
  if (error.code === 'RequestTooLargeException') return failed(413, 'Request Entity Too Large', integrated);
  return failed(500, 'Internal Server Error', integrated);
}
