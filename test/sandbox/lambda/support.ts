import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import type { VirtualClock } from '../../../sandbox/clock/virtual-clock.ts';
import { Credentials } from '../../../sandbox/core/credentials.ts';
import type { Created } from '../../../sandbox/core/resources.ts';
import type { Caller, Service } from '../../../sandbox/core/service.ts';
import type { World } from '../../../sandbox/core/world.ts';
import { createLambda, type Lambda, type LambdaOptions } from '../../../sandbox/lambda/index.ts';
import { operator, testWorld, type TestWorld } from '../support/world.ts';

const ROLE = 'arn:aws:iam::123456789012:role/worker';

interface Outcome {
  readonly output: InvocationResponse;
  readonly payload: unknown;
}

/** A Lambda service around code that a test writes; `close` ends its threads and removes the code. */
export interface Bench<W extends World> {
  readonly world: W;
  readonly lambda: Lambda;
  readonly credentials: Credentials;
  create(type: string, properties: Record<string, unknown>, logicalId?: string): Promise<Created>;
  /** Creates a function from the text of its module. */
  define(name: string, code: string, properties?: Record<string, unknown>, file?: string): Promise<Created>;
  invoke(name: string, payload?: unknown, input?: Partial<InvocationRequest>): Promise<Outcome>;
  close(): Promise<void>;
}

export function benchIn<W extends World>(world: W, options: Partial<LambdaOptions> = {}): Bench<W> {
  const folder = mkdtempSync(join(tmpdir(), 'lambda-test-'));
  const credentials = new Credentials();
  const assumeRole = (roleArn: string, sessionName: string): Caller => {
    const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    return { kind: 'role', roleName, arn: `arn:aws:sts::123456789012:assumed-role/${roleName}/${sessionName}` };
  };
  const lambda = createLambda(world, { credentials, endpoint: () => 'http://127.0.0.1:9', assumeRole, ...options });
  world.dispatcher.register(lambda.service);

  const create: Bench<W>['create'] = async (type, properties, logicalId = 'Resource') => {
    const found = lambda.resources[type];
    if (found === undefined) throw new Error(`no provisioner for ${type}`);
    const context = {
      logicalId,
      stackName: 'Stack',
      physicalName: () => `Stack-${logicalId}-NAME`,
      assetPath: (_bucket: string, key: string) => key,
    };
    return found.create(found.properties.parse(properties), context);
  };
  return {
    world,
    lambda,
    credentials,
    create,
    define: (name, code, properties = {}, file = 'index.mjs') => {
      const S3Key = mkdtempSync(join(folder, `${name}-`));
      writeFileSync(join(S3Key, file), code);
      const required = {
        Code: { S3Bucket: 'assets', S3Key },
        Handler: 'index.handler',
        Role: ROLE,
        Runtime: 'nodejs24.x',
      };
      return create('AWS::Lambda::Function', { FunctionName: name, ...required, ...properties });
    },
    invoke: async (FunctionName, payload, input = {}) => {
      const Payload = payload === undefined ? undefined : Buffer.from(JSON.stringify(payload));
      const request = { FunctionName, Payload, ...input };
      const output = (await world.dispatcher.call(operator, 'lambda', 'Invoke', request)) as InvocationResponse;
      const text = Buffer.from(output.Payload ?? []).toString();
      return { output, payload: text === '' ? undefined : (JSON.parse(text) as unknown) };
    },
    close: async () => {
      await lambda.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export const bench = (options: Partial<LambdaOptions> & { seed?: number } = {}): Bench<TestWorld> =>
  benchIn(testWorld({ seed: options.seed ?? 1 }), options);

/** Moves virtual time on until the promise settles, and gives what it settles to. */
export async function settled<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let done = false;
  const watched = promise.finally(() => (done = true));
  watched.catch(() => undefined);
  if (!(await clock.runUntil(() => done))) throw new Error('nothing is left to wait for, but the promise is open');
  return watched;
}

/** A service of one operation, for functions to call. */
export const serviceOf = (id: Service['id'], name: string, handle: (input: never) => unknown): Service => ({
  id,
  operations: { [name]: { permissions: () => [], handle } },
});
