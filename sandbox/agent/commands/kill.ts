import { Bash, defineCommand } from 'just-bash';

const KILLED = 'Killed';
const MESSAGE = new RegExp(`(?:bash: ${KILLED}\\n)+$`);

type LimitError = new (message: string, limit: string) => Error;

/** Ends the script that calls it at once; what the script has written is kept. */
export type Kill = () => never;

let limitError: Promise<LimitError> | undefined;

/**
 * Gives what kills a script. just-bash drops what a script wrote when it is aborted by signal, but keeps it when a limit is
 * exceeded, through loops, functions and pipelines; so a kill is a limit of its own. The class of that error is not
 * exported: it is taken, once, from a shell that exceeds a limit.
 */
export async function killer(): Promise<Kill> {
  const Limit = await (limitError ??= captureLimitError());
  return () => {
    throw new Limit(KILLED, KILLED);
  };
}

async function captureLimitError(): Promise<LimitError> {
  const caught: Error[] = [];
  const exceed = defineCommand('exceed', async (_args, { executionScope }) => {
    try {
      executionScope?.consumeLimited(KILLED, 2, 1, KILLED);
    } catch (error) {
      if (error instanceof Error) caught.push(error);
    }
    return { stdout: '', stderr: '', exitCode: 0 };
  });
  await new Bash({ commands: [], customCommands: [exceed], defenseInDepth: false }).exec('exceed');
  const [error] = caught;
  if (error?.name !== 'ExecutionLimitError')
    throw new Error('just-bash no longer reports limits by ExecutionLimitError');
  return error.constructor as LimitError;
}

export const isKill = ({ exitCode, stderr }: { readonly exitCode: number; readonly stderr: string }): boolean =>
  exitCode === 126 && MESSAGE.test(stderr);

export const withoutKill = (stderr: string): string => stderr.replace(MESSAGE, '');
