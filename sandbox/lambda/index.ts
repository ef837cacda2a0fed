import type { Credentials } from '../core/credentials.ts';
import type { Provisioners } from '../core/resources.ts';
import type { Caller, Service } from '../core/service.ts';
import type { World } from '../core/world.ts';
import { AsynchronousInvocations } from './asynchronous.ts';
import { Concurrency } from './concurrency.ts';
import { Destinations } from './destinations.ts';
import { Functions } from './functions.ts';
import { Invoker } from './invoker.ts';
import { lambdaService } from './operations.ts';
import { Pool } from './pool.ts';
import { lambdaResources } from './resources.ts';
import { Turns } from './turns.ts';

export interface LambdaOptions {
  /** Where the access keys of the functions are registered while their execution environments live. */
  readonly credentials: Credentials;
  /** URL that the functions reach every service at; asked for when an execution environment starts. */
  readonly endpoint: () => string;
  /**
   * What Lambda acts as with a function's role; asked for when the function is created and when it runs.
   * Throws AwsError when the role does not let lambda.amazonaws.com assume it.
   */
  readonly assumeRole: (roleArn: string, sessionName: string) => Caller;
  /** Real milliseconds of computing without a pause after which a function in virtual time counts as endless. */
  readonly spinLimit?: number;
}

export interface Lambda {
  readonly service: Service;
  readonly resources: Provisioners;
  /** Ends every worker thread. */
  close(): Promise<void>;
}

/**
 * AWS Lambda: functions run their bundled code in worker threads with an environment of their own. In virtual time one
 * runs at a time, and sees virtual time and seeded randomness only.
 */
export function createLambda(world: World, options: LambdaOptions): Lambda {
  const { assumeRole } = options;
  const functions = new Functions(world);
  const concurrency = new Concurrency();
  const destinations = new Destinations(world);
  const pool = new Pool(world, { spinLimit: 10_000, ...options });
  const turns = new Turns(world);
  const asynchronous = new AsynchronousInvocations(world, destinations);
  const invoker = new Invoker({ world, functions, pool, turns, concurrency, asynchronous, assumeRole });
  return {
    service: lambdaService({ world, functions, invoker }),
    resources: lambdaResources({ world, functions, concurrency, destinations, assumeRole }),
    close: () => pool.close(),
  };
}
