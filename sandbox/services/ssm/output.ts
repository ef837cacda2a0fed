const STDOUT_LIMIT = 24_000;
const STDERR_LIMIT = 8_000;
const SUFFIX = '\n--output truncated--';

const cut = (text: string, limit: number): string =>
  text.length <= limit ? text : text.slice(0, limit - SUFFIX.length) + SUFFIX;

/** What GetCommandInvocation keeps of stdout and stderr. */
export const keptStdout = (text: string): string => cut(text, STDOUT_LIMIT);
export const keptStderr = (text: string): string => cut(text, STDERR_LIMIT);

const PLUGIN_LIMIT = 2400;
const OUT_CUT = '\n---Output truncated---';
const ERROR_CUT = '\n---Error truncated----';
const ERROR_TITLE = '\n----------ERROR-------\n';

/** Both streams in one text, as the agent reports it for ListCommandInvocations: each gets what the other leaves, at least half. */
export function pluginOutput(stdout: string, stderr: string): string {
  const title = stderr === '' ? '' : ERROR_TITLE;
  const space = PLUGIN_LIMIT - title.length;
  if (stdout.length + stderr.length < space) return stdout + title + stderr;
  const half = Math.floor(space / 2);
  const keptError = Math.min(stderr.length, Math.max(half, space - stdout.length));
  const keptOut = Math.min(stdout.length, space - keptError);
  return shorten(stdout, keptOut, OUT_CUT) + title + shorten(stderr, keptError, ERROR_CUT);
}

const shorten = (text: string, length: number, suffix: string): string =>
  text.length <= length ? text : text.slice(0, Math.max(0, length - suffix.length)) + suffix;
