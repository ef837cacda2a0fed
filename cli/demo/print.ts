import colors from 'picocolors';
import type { Transition } from '../lib/watch-execution.ts';
import type { Machine } from './fleet.ts';

export function line(text = ''): void {
  process.stdout.write(`${text}\n`);
}

export function heading(number: number, text: string): void {
  line(`\n${colors.bold(`${number}. ${text}`)}`);
}

/** A row for the heads, then one for each machine. */
export function fleetTable(fleet: readonly Machine[]): string[] {
  const rows = fleet.map(({ instanceId, name, running, allowed, ping, platform }) => [
    ...[instanceId, name, platform, running ? 'running' : 'stopped', ping],
    allowed ? 'SSMRunAllowed=true' : '-',
  ]);
  const [heads, ...others] = table([['instance', 'name', 'platform', 'state', 'SSM agent', 'tag'], ...rows]);
  return [colors.dim(heads ?? ''), ...others];
}

/** Rows as lines, each column as wide as its widest cell. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A state as it is entered, with the time since the first one; what was left is not worth a line. */
export function transitionPrinter(): (transition: Transition) => void {
  let first: number | undefined;
  return ({ at, name, kind }) => {
    if (kind !== 'entered') return;
    first ??= at.getTime();
    const seconds = ((at.getTime() - first) / 1000).toFixed(1);
    line(`   ${colors.dim(`${seconds.padStart(5)} s`)}  ${name}`);
  };
}

/** Lines of what a machine said, or of what to type, behind a mark. */
export function indented(text: string, mark: '|' | '$' = '|'): void {
  const [first = '', ...rest] = text.trim().split('\n');
  line(`   ${colors.dim(mark)} ${first}`);
  for (const part of rest) line(`   ${colors.dim(mark === '$' ? ' ' : mark)} ${part}`);
}

export const good = (text: string): string => colors.green(text);
export const bad = (text: string): string => colors.yellow(text);
