/** What the Lambda service and the runtime in the worker thread tell each other. */

/** An error of a function as Invoke answers it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** What a worker is given when it starts. */
export interface Boot {
  /** Folder of the code, LAMBDA_TASK_ROOT on AWS. */
  readonly taskRoot: string;
  readonly handler: string;
  /** Whether the handler may be given a callback: nodejs22.x and earlier. */
  readonly callbacks: boolean;
  /** Where virtual time stands; absent where time is real. */
  readonly virtualTime?: SharedArrayBuffer;
  readonly seed: number;
  readonly logFormat: 'Text' | 'JSON';
  readonly logLevel: string;
}

export interface InvokeMessage {
  readonly kind: 'invoke';
  readonly payload: string;
  readonly requestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly functionArn: string;
  readonly memorySize: number;
  readonly logGroup: string;
  readonly logStream: string;
  /** Epoch milliseconds. */
  readonly deadline: number;
  /** JSON, as the caller gave it. */
  readonly clientContext?: string;
  readonly seed: number;
}

export type ToRuntime = InvokeMessage | { readonly kind: 'wake' };

export type FromRuntime =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly payload: string }
  /** `fatal`: the environment cannot be used again. */
  | { readonly kind: 'failure'; readonly error: FunctionError; readonly fatal: boolean }
  | { readonly kind: 'log'; readonly events: readonly string[] }
  /** Nothing is left to do before `until` (epoch milliseconds of virtual time). */
  | { readonly kind: 'sleep'; readonly until: number };
