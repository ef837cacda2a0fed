import type { ResolvedCommandContext } from 'just-bash';

const KILLED = 'Killed';
const MESSAGE = new RegExp(`bash: ${KILLED}[^\\n]*limit exceeded[^\\n]*\\n$`);

/**
 * Ends the script at once. just-bash drops what a script wrote when it is aborted by signal, but keeps it when a limit is
 * exceeded, through loops, functions and pipelines; so a kill is a limit of its own name.
 */
export function kill(context: ResolvedCommandContext, reason = KILLED): never {
  context.executionScope?.consumeLimited(reason, 2, 1, reason);
  throw new Error('just-bash gave no execution scope');
}

export const isKill = ({ exitCode, stderr }: { readonly exitCode: number; readonly stderr: string }): boolean =>
  exitCode === 126 && MESSAGE.test(stderr);

export const withoutKill = (stderr: string): string => stderr.replace(MESSAGE, '');
