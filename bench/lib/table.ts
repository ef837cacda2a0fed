import type { Row } from './suite.ts';

/** Rows of one shape as an aligned text table; numbers stand to the right. */
export function table(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const numeric = columns.map((column) => typeof rows[0]?.[column] === 'number');
  const aligned = (text: string, index: number): string =>
    numeric[index] ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
  return cells.map((line) => line.map(aligned).join('  ').trimEnd()).join('\n');
}
