/** An object in a pipeline: properties in the order that PowerShell shows them. */
export type Item = Readonly<Record<string, string | number>>;

/** What flows through a pipeline: objects or text, and how they are to be shown. */
export interface Stream {
  readonly items: readonly (Item | string)[];
  readonly view: 'table' | 'list';
}

export const text = (...lines: string[]): Stream => ({ items: lines, view: 'table' });

const NEWLINE = '\r\n';

/** Shows a stream as PowerShell's default formatter does. */
export function show({ items, view }: Stream): string {
  const objects = items.filter((item): item is Item => typeof item !== 'string');
  const strings = items.filter((item): item is string => typeof item === 'string');
  const lines = strings.map((line) => line + NEWLINE).join('');
  if (objects.length === 0) return lines;
  return lines + (view === 'list' ? list(objects) : grid(objects));
}

function list(objects: readonly Item[]): string {
  const blocks = objects.map((object) => {
    const width = Math.max(...Object.keys(object).map((key) => key.length));
    return Object.entries(object)
      .map(([key, value]) => `${key.padEnd(width)} : ${value}${NEWLINE}`)
      .join('');
  });
  return `${NEWLINE}${blocks.join(NEWLINE)}${NEWLINE}`;
}

function grid(objects: readonly Item[]): string {
  const keys = Object.keys(objects[0] ?? {});
  const columns = keys.map((key) => {
    const numeric = objects.every((object) => typeof object[key] === 'number');
    const width = Math.max(key.length, ...objects.map((object) => String(object[key] ?? '').length));
    return { key, fit: (cell: string) => (numeric ? cell.padStart(width) : cell.padEnd(width)) };
  });
  const row = (cell: (key: string) => string) =>
    columns
      .map(({ key, fit }) => fit(cell(key)))
      .join(' ')
      .trimEnd() + NEWLINE;
  const body = objects.map((object) => row((key) => String(object[key] ?? ''))).join('');
  return `${NEWLINE}${row((key) => key)}${row((key) => '-'.repeat(key.length))}${body}${NEWLINE}`;
}
