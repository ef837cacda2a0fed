import type { FunctionError } from './messages.ts';

/** An error of the runtime itself; its name is the errorType. */
export class RuntimeError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Where the code and the runtime are on AWS, so that traces are the same on every machine. */
export function portablePath(text: string, taskRoot: string): string {
  return text.replaceAll(taskRoot, '/var/task').replaceAll(/\[worker eval\]/g, 'file:///var/runtime/index.mjs');
}

/** An error as Lambda's Node.js runtime reports it. */
export function functionError(thrown: unknown, taskRoot: string): FunctionError {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  const trace = portablePath(thrown.stack ?? '', taskRoot).split('\n');
  return { errorType: thrown.name, errorMessage: portablePath(thrown.message, taskRoot), trace };
}
