import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bench, settled, type Bench } from './support.ts';
import type { TestWorld } from '../support/world.ts';

let b: Bench<TestWorld>;
beforeEach(() => {
  b = bench();
});
afterEach(() => b.close());

const invoke = (...args: Parameters<typeof b.invoke>) => settled(b.world.clock, b.invoke(...args));
const failing = (...args: Parameters<typeof b.invoke>) => expect(invoke(...args)).rejects;

describe('Invoke', () => {
  it('runs the handler with event and context', async () => {
    await b.define(
      'echo',
      `export const handler = async (event, context) => ({ event, name: context.functionName, version: context.functionVersion,
         arn: context.invokedFunctionArn, memory: context.memoryLimitInMB, left: context.getRemainingTimeInMillis() });`,
      { Timeout: 10, MemorySize: '256' },
    );
    const { output, payload } = await invoke('echo', { a: 'ü' });
    expect(output).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(output.FunctionError).toBeUndefined();
    expect(payload).toEqual({
      event: { a: 'ü' },
      name: 'echo',
      version: '$LATEST',
      arn: 'arn:aws:lambda:eu-central-1:123456789012:function:echo',
      memory: '256',
      left: 10_000,
    });
  });

  it('gives the function its own environment and nothing of the host', async () => {
    await b.define('env', `export const handler = async () => process.env;`, {
      Environment: { Variables: { TABLE: 't' } },
    });
    const { payload } = await invoke('env');
    expect(payload).toMatchObject({
      TABLE: 't',
      AWS_REGION: 'eu-central-1',
      AWS_LAMBDA_FUNCTION_NAME: 'env',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_CONFIG_FILE: '/dev/null',
      TZ: ':UTC',
    });
    const { AWS_ACCESS_KEY_ID: key, HOME } = payload as Record<string, string>;
    expect(HOME).toBeUndefined();
    expect(b.credentials.find(key ?? '')?.caller).toEqual({
      kind: 'role',
      roleName: 'worker',
      arn: 'arn:aws:sts::123456789012:assumed-role/worker/env',
    });
  });

  it.each([
    ['an error', `throw new TypeError('no')`, { errorType: 'TypeError', errorMessage: 'no' }],
    ['a string', `throw 'no'`, { errorType: 'string', errorMessage: 'no', trace: [] }],
    ['what JSON cannot say', `return 1n`, { errorType: 'Runtime.MarshalError' }],
    [
      'an exit',
      `process.exit(3)`,
      { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(/exit status 3$/) },
    ],
    ['a clean exit', `process.exit(0)`, { errorMessage: expect.stringMatching(/without providing a reason$/) }],
    ['a promise for ever', `await new Promise(() => {})`, { errorType: 'Runtime.NodeJsExit' }],
    [
      'an unhandled rejection',
      `Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 1))`,
      {
        errorType: 'Runtime.UnhandledPromiseRejection',
        errorMessage: 'lost',
      },
    ],
    ['too large an answer', `return 'x'.repeat(6_291_556)`, { errorType: 'Function.ResponseSizeTooLarge' }],
    [
      'a timeout',
      `await new Promise((r) => setTimeout(r, 3001))`,
      {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(/^RequestId: [\w-]{36} Error: Task timed out after 3.00 seconds$/),
      },
    ],
  ])('answers %s as a function error and runs again', async (_, body, error) => {
    await b.define('fails', `export const handler = async (event) => { if (event.fail) { ${body} } return 'fine'; };`);
    const { output, payload } = await invoke('fails', { fail: true });
    expect(output).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(payload).toMatchObject(error);
    await expect(invoke('fails', {})).resolves.toMatchObject({ payload: 'fine' });
  });

  it('shows a trace with the paths of Lambda', async () => {
    await b.define('fails', `export const handler = async () => { throw new Error('no'); };`);
    const { payload } = await invoke('fails');
    const { trace } = payload as { trace: string[] };
    expect(trace.slice(0, 2)).toEqual(['Error: no', '    at handler (file:///var/task/index.mjs:1:44)']);
    expect(trace.join('\n')).not.toContain('lambda-test-');
  });

  it.each([
    ['a throw at load', `throw new RangeError('early')`, { errorType: 'RangeError', errorMessage: 'early' }],
    ['a syntax error', `export const handler = (`, { errorType: 'SyntaxError' }],
    [
      'no such export',
      `export const other = 1`,
      { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.handler is undefined or not exported' },
    ],
    [
      'a callback on Node.js 24',
      `export const handler = (event, context, callback) => callback(null, 1)`,
      { errorType: 'Runtime.CallbackHandlerDeprecated' },
    ],
    [
      'streaming',
      `export const handler = awslambda.streamifyResponse(async () => {})`,
      { errorType: 'NotImplemented', errorMessage: expect.stringContaining('streaming') },
    ],
  ])('reports %s, each time anew', async (_, code, error) => {
    await b.define('broken', code);
    for (let round = 0; round < 2; round++) {
      const { output, payload } = await invoke('broken');
      expect(output.FunctionError).toBe('Unhandled');
      expect(payload).toMatchObject(error);
    }
  });

  it('reports a module that is not there', async () => {
    await b.define('broken', '', { Handler: 'lib/other.handler' });
    expect((await invoke('broken')).payload).toMatchObject({ errorType: 'Runtime.ImportModuleError' });
  });

  it.each([
    ['calls back', `(event, context, callback) => { setTimeout(() => callback(null, { event }), 10); }`, { event: {} }],
    ['calls back an error', `(event, context, callback) => callback(new Error('no'))`, { errorMessage: 'no' }],
    ['returns a promise', `async (event, context, callback) => 7`, 7],
    ['returns a value', `() => 7`, null],
  ])('takes a handler of Node.js 22 that %s', async (_, handler, expected) => {
    await b.define('old', `exports.handler = ${handler};`, { Runtime: 'nodejs22.x' }, 'index.js');
    const { payload } = await invoke('old');
    if (expected === null || typeof expected === 'number') expect(payload).toBe(expected);
    else expect(payload).toMatchObject(expected);
  });

  it('takes a returned value on Node.js 24', async () => {
    await b.define('plain', `export const handler = () => 7;`);
    expect((await invoke('plain')).payload).toBe(7);
  });

  it('keeps what the module holds between invocations', async () => {
    await b.define('counts', `let count = 0; export const handler = async () => ++count;`);
    await invoke('counts');
    expect((await invoke('counts')).payload).toBe(2);
  });

  it('refuses what is no JSON, too large, or unknown', async () => {
    await b.define('echo', `export const handler = async (event) => event;`);
    await failing('echo', undefined, { Payload: Buffer.from('{') }).toMatchObject({
      code: 'InvalidRequestContentException',
      status: 400,
    });
    const large = { Payload: Buffer.from(JSON.stringify('x'.repeat(6_291_455))) };
    await failing('echo', undefined, large).toMatchObject({ code: 'RequestTooLargeException', status: 413 });
    const event = { Payload: Buffer.from(JSON.stringify('x'.repeat(1_048_575))), InvocationType: 'Event' as const };
    await failing('echo', undefined, event).toMatchObject({ code: 'RequestTooLargeException', status: 413 });
    await failing('none').toMatchObject({
      code: 'ResourceNotFoundException',
      status: 404,
      message: 'Function not found: arn:aws:lambda:eu-central-1:123456789012:function:none',
    });
    await failing('echo', {}, { TenantId: 'x' }).toMatchObject({ code: 'NotImplemented' });
  });

  it('answers a dry run and the tail of the log', async () => {
    await b.define('logs', `export const handler = async () => { console.log('one'); console.log('two\\nlines'); };`);
    expect((await invoke('logs', {}, { InvocationType: 'DryRun' })).output).toEqual({ StatusCode: 204 });
    const { output } = await invoke('logs', {}, { LogType: 'Tail' });
    expect(Buffer.from(output.LogResult ?? '', 'base64').toString()).toMatch(
      /^START .*\n.*INFO\tone\n.*two\nlines\nEND .*\nREPORT .*\n$/,
    );
  });

  it('throttles beyond the reserved concurrency', async () => {
    await b.define('one', `export const handler = async () => new Promise((r) => setTimeout(r, 1000, 'done'));`, {
      ReservedConcurrentExecutions: 1,
    });
    await b.define('off', `export const handler = async () => 1;`, { ReservedConcurrentExecutions: 0 });
    const first = b.invoke('one');
    await failing('one').toMatchObject({
      code: 'TooManyRequestsException',
      status: 429,
      members: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
    });
    await failing('off').toMatchObject({ code: 'TooManyRequestsException' });
    expect((await settled(b.world.clock, first)).payload).toBe('done');
    expect((await invoke('one')).payload).toBe('done');
  });
});
