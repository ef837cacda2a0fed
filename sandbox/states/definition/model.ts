import type { Template } from '../expressions/template.ts';
import type { Resource } from '../tasks/resource.ts';

export type StateType = 'Task' | 'Pass' | 'Choice' | 'Wait' | 'Parallel' | 'Map' | 'Succeed' | 'Fail';

/** What a state may do as it is left: give an output, assign variables. */
export interface Exit {
  readonly output: Template | undefined;
  /** By variable name, in the order of the definition. */
  readonly assign: ReadonlyMap<string, Template> | undefined;
}

export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly backoffRate: number;
  readonly maxAttempts: number;
  readonly maxDelaySeconds: number;
  readonly fullJitter: boolean;
}

export interface Catcher extends Exit {
  readonly errorEquals: readonly string[];
  readonly next: string;
}

interface Recovery {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

interface Common extends Exit {
  readonly name: string;
  /** Undefined for an end. */
  readonly next: string | undefined;
}

export interface TaskState extends Common, Recovery {
  readonly type: 'Task';
  readonly resource: Resource;
  readonly arguments: Template | undefined;
  readonly timeoutSeconds: Template | undefined;
  readonly heartbeatSeconds: Template | undefined;
}

export interface PassState extends Common {
  readonly type: 'Pass';
}

interface ChoiceRule extends Exit {
  readonly condition: Template;
  readonly next: string;
}

export interface ChoiceState extends Exit {
  readonly type: 'Choice';
  readonly name: string;
  readonly choices: readonly ChoiceRule[];
  readonly default: string | undefined;
}

export interface WaitState extends Common {
  readonly type: 'Wait';
  readonly seconds: Template | undefined;
  readonly timestamp: Template | undefined;
}

export interface ParallelState extends Common, Recovery {
  readonly type: 'Parallel';
  readonly branches: readonly Flow[];
  readonly arguments: Template | undefined;
}

/** Where a Distributed Map reads its items, beside the state's input. */
export interface ItemReader {
  readonly resource: 'getObject' | 'listObjectsV2';
  readonly inputType: 'JSON' | 'JSONL' | 'CSV';
  readonly maxItems: Template | undefined;
  /** Undefined when the first line of the CSV names the columns. */
  readonly csvHeaders: readonly string[] | undefined;
  readonly csvDelimiter: string;
  readonly arguments: Template;
}

export interface ItemBatcher {
  readonly maxItemsPerBatch: Template | undefined;
  readonly maxInputBytesPerBatch: Template | undefined;
  readonly batchInput: Template | undefined;
}

export interface MapState extends Common, Recovery {
  readonly type: 'Map';
  readonly items: Template | undefined;
  readonly itemSelector: Template | undefined;
  readonly maxConcurrency: Template | undefined;
  readonly toleratedFailureCount: Template | undefined;
  readonly toleratedFailurePercentage: Template | undefined;
  readonly processor: Flow;
  /** Undefined for an inline Map. */
  readonly distributed:
    | {
        readonly label: string;
        readonly reader: ItemReader | undefined;
        readonly batcher: ItemBatcher | undefined;
        readonly writer: Template | undefined;
      }
    | undefined;
}

export interface SucceedState extends Common {
  readonly type: 'Succeed';
}

export interface FailState {
  readonly type: 'Fail';
  readonly name: string;
  readonly error: Template | undefined;
  readonly cause: Template | undefined;
}

export type State =
  TaskState | PassState | ChoiceState | WaitState | ParallelState | MapState | SucceedState | FailState;

/** States with a beginning: a machine, a branch of a Parallel, the processor of a Map. */
export interface Flow {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

export interface Definition extends Flow {
  readonly comment: string | undefined;
  readonly timeoutSeconds: number | undefined;
}
