import { format } from 'node:util';
import { functionError } from './errors.ts';
import type { Boot } from './messages.ts';

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const METHODS = { trace: 'TRACE', debug: 'DEBUG', info: 'INFO', log: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

interface Output {
  readonly boot: Boot;
  readonly requestId: () => string | undefined;
  readonly write: (events: readonly string[]) => void;
}

function message(args: readonly unknown[], { boot }: Output): object {
  const [only] = args;
  if (args.length !== 1 || typeof only !== 'object' || only === null) return { message: format(...args) };
  if (!(only instanceof Error)) return { message: only };
  const { errorType, errorMessage, trace } = functionError(only, boot.taskRoot);
  return { message: errorMessage, errorType, errorMessage, stackTrace: trace?.slice(1).map((line) => line.trim()) };
}

function line(level: string, args: readonly unknown[], output: Output): string {
  const timestamp = new Date().toISOString();
  const requestId = output.requestId();
  if (output.boot.logFormat === 'JSON')
    return JSON.stringify({ timestamp, level, requestId, ...message(args, output) });
  return `${timestamp}\t${String(requestId)}\t${level}\t${format(...args)}`;
}

/** Sends what a stream is given on as one event a line. A line that is not ended yet waits for its end. */
function capture(stream: NodeJS.WriteStream, output: Output): void {
  let rest = '';
  stream.write = (chunk: string | Uint8Array, ...more: unknown[]): boolean => {
    const lines = (rest + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) output.write(lines);
    const callback = more.find((argument) => typeof argument === 'function');
    if (callback !== undefined) queueMicrotask(() => (callback as () => void)());
    return true;
  };
}

/**
 * Makes console and the standard streams write log events as Lambda's Node.js runtime does: a console call is one event
 * with time, request id and level, a stream one event a line. See "Log and monitor Node.js Lambda functions".
 */
export function installOutput(output: Output): void {
  capture(process.stdout, output);
  capture(process.stderr, output);
  const threshold = output.boot.logFormat === 'JSON' ? LEVELS.indexOf(output.boot.logLevel) : 0;
  for (const [method, level] of Object.entries(METHODS)) {
    const write = (...args: unknown[]): void => {
      if (LEVELS.indexOf(level) >= threshold) output.write([line(level, args, output)]);
    };
    Object.assign(console, { [method]: write });
  }
}
