import type { Config } from '../config.ts';
import type { Bundles } from './bundle.ts';
import type { Alerting } from './failure-alarm.ts';

/** What every function and runbook of one deployment needs to know. */
export interface FleetContext {
  readonly environment: string;
  readonly config: Config;
  readonly bundles: Bundles;
  readonly alerting: Alerting;
}
