import { parentPort, workerData } from 'node:worker_threads';
import { Random } from '../../core/random.ts';
import { functionError, portablePath, RuntimeError } from './errors.ts';
import { loadHandler, type Handler } from './load-handler.ts';
import type { Boot, FromRuntime, InvokeMessage, ToRuntime } from './messages.ts';
import { installOutput } from './output.ts';
import { VirtualTimers } from './virtual-timers.ts';
import { installVirtualWorld } from './virtual-world.ts';

const boot = workerData as Boot;
if (parentPort === null) throw new Error('the Lambda runtime runs in a worker thread');
const port = parentPort;

/** What runs at the moment. `held`: a callback was called, and the answer waits for the event loop to be empty. */
interface Run {
  readonly message: InvokeMessage | undefined;
  held?: FromRuntime;
}

let run: Run | undefined = { message: undefined };
let random = new Random(boot.seed);
const immediate = setImmediate;
const timers = boot.virtualTime && new VirtualTimers(readingFrom(new Float64Array(boot.virtualTime)));

function readingFrom(clock: Float64Array): () => number {
  return () => clock[0] ?? 0;
}

/** Ends what runs: from here on the port keeps the thread alive, and virtual timers stand still as in a frozen function. */
function finish(outcome: FromRuntime): void {
  const brokeWhileIdle = outcome.kind === 'failure' && outcome.fatal;
  if (run === undefined && !brokeWhileIdle) return;
  run = undefined;
  port.ref();
  port.postMessage(outcome);
}

function fail(thrown: unknown, fatal: boolean): void {
  const error = functionError(thrown, boot.taskRoot);
  if (run?.message !== undefined && !fatal) console.error(`Invoke Error \t${JSON.stringify(error)}`);
  finish({ kind: 'failure', error, fatal });
}

function answer(result: unknown): FromRuntime | undefined {
  try {
    return { kind: 'answer', payload: JSON.stringify(result === undefined ? null : result) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    fail(new RuntimeError('Runtime.MarshalError', `Unable to stringify response body: ${reason}`), false);
  }
}

function succeed(result: unknown): void {
  const outcome = answer(result);
  if (outcome !== undefined) finish(outcome);
}

function contextOf(message: InvokeMessage): Record<string, unknown> {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: message.functionName,
    functionVersion: message.functionVersion,
    invokedFunctionArn: message.functionArn,
    memoryLimitInMB: String(message.memorySize),
    awsRequestId: message.requestId,
    logGroupName: message.logGroup,
    logStreamName: message.logStream,
    clientContext: message.clientContext === undefined ? undefined : (JSON.parse(message.clientContext) as unknown),
    getRemainingTimeInMillis: () => Math.max(0, message.deadline - Date.now()),
  };
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

/** Calls a handler of nodejs22.x or earlier: a promise decides, else the callback, else the end of the event loop. */
function callWithCallback(handler: Handler, event: unknown, context: Record<string, unknown>, current: Run): void {
  const callback = (error: unknown, result?: unknown): void => {
    if (error !== undefined && error !== null) {
      fail(error, false);
      return;
    }
    const outcome = answer(result);
    if (outcome === undefined) return;
    if (context.callbackWaitsForEmptyEventLoop === false) finish(outcome);
    else current.held ??= outcome;
  };
  const returned = handler(event, context, callback);
  if (isThenable(returned)) returned.then(succeed, (error: unknown) => fail(error, false));
  else current.held ??= handler.length < 3 ? { kind: 'answer', payload: 'null' } : undefined;
}

async function invoke(handler: Handler, message: InvokeMessage): Promise<void> {
  const current: Run = { message };
  run = current;
  random = new Random(message.seed);
  port.unref();
  try {
    const event = JSON.parse(message.payload) as unknown;
    const context = contextOf(message);
    if (boot.callbacks) callWithCallback(handler, event, context, current);
    else succeed(await handler(event, context));
  } catch (error) {
    fail(error, false);
  }
}

/** The event loop is empty: fires the next timer, or asks the service to let time pass until then. */
function idle(): void {
  if (run === undefined) return;
  const due = timers?.due();
  if (timers !== undefined && due !== undefined) waitUntil(due, timers);
  else if (run.held !== undefined) finish(run.held);
  else neverSettled();
}

function waitUntil(due: number, virtual: VirtualTimers): void {
  if (due <= virtual.now()) {
    immediate(() => virtual.fireNext());
    return;
  }
  port.ref();
  port.postMessage({ kind: 'sleep', until: due });
}

function neverSettled(): void {
  const message =
    'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled.';
  fail(new RuntimeError('Runtime.NodeJsExit', message), true);
}

function listen(handler: Handler): void {
  port.on('message', (message: ToRuntime) => {
    if (message.kind === 'invoke') return void invoke(handler, message);
    port.unref();
    timers?.fireNext();
  });
}

function installStreaming(): void {
  const streamifyResponse = (): never => {
    throw new RuntimeError(
      'NotImplemented',
      'The sandbox does not model response streaming (awslambda.streamifyResponse).',
    );
  };
  Object.assign(globalThis, { awslambda: { streamifyResponse } });
}

function checkStyle(handler: Handler): void {
  if (boot.callbacks || handler.length < 3) return;
  const message =
    'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. Use async/await instead.';
  throw new RuntimeError('Runtime.CallbackHandlerDeprecated', message);
}

async function initialize(): Promise<void> {
  process.on('beforeExit', idle);
  process.on('uncaughtException', (error) => fail(error, true));
  process.on('unhandledRejection', (reason) => {
    const { errorMessage, trace } = functionError(reason, boot.taskRoot);
    fail(
      Object.assign(new RuntimeError('Runtime.UnhandledPromiseRejection', errorMessage), {
        stack: trace?.join('\n'),
      }),
      true,
    );
  });
  const write = (events: readonly string[]): void =>
    port.postMessage({ kind: 'log', events: events.map((event) => portablePath(event, boot.taskRoot)) });
  installOutput({ boot, requestId: () => run?.message?.requestId, write });
  installStreaming();
  if (timers !== undefined) {
    timers.install();
    installVirtualWorld(timers.now, () => random);
  }
  try {
    const handler = await loadHandler(boot.taskRoot, boot.handler);
    checkStyle(handler);
    listen(handler);
    finish({ kind: 'ready' });
  } catch (error) {
    fail(error, true);
  }
}

void initialize();
