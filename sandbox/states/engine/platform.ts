import type { World } from '../../core/world.ts';
import type { TaskTokens } from '../tasks/tokens.ts';
import type { Execution } from './execution.ts';
import type { MapRun } from './map-run.ts';

/** What the interpreter needs around it. */
export interface Platform {
  readonly world: World;
  readonly tokens: TaskTokens;
  /** Starts the child execution of a Map Run and its flow. */
  startChild(parent: Execution, run: MapRun, name: string, input: string): Execution;
  addMapRun(run: MapRun): void;
  findExecution(arn: string): Execution | undefined;
}
