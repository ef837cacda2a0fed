import type { Clock } from '../clock/clock.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Random } from './random.ts';
import type { ResourcePolicies } from './resource-policies.ts';

/** An event as it is put on the default bus; the bus adds id, time, account and region. */
export interface BusEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly resources?: readonly string[];
}

/** What every part of the embedded AWS shares. One account, one region. */
export interface World {
  readonly account: string;
  readonly region: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly dispatcher: Dispatcher;
  readonly resourcePolicies: ResourcePolicies;
  /** Puts an event of an AWS service on the default bus. Delivery is asynchronous, as on AWS. */
  emit(event: BusEvent): void;
  /** Writes lines to a CloudWatch Logs group, which is created when it is missing. */
  log(group: string, stream: string, lines: readonly string[]): void;
}

export const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';
