/** What a property or a pipeline may hold; a Date is an instant, shown in UTC. */
export type Value = string | number | Date;

/** An object in a pipeline: properties in the order that PowerShell shows them. */
export type Item = Readonly<Record<string, Value>>;

/** What flows through a pipeline, and how its objects are to be shown. */
export interface Stream {
  readonly items: readonly (Item | Value)[];
  readonly view: 'table' | 'list';
}

export const text = (...lines: string[]): Stream => ({ items: lines, view: 'table' });
export const isItem = (value: Item | Value): value is Item => typeof value === 'object' && !(value instanceof Date);

const NEWLINE = '\r\n';

/** An instant as PowerShell writes it in en-US (`Monday, January 5, 2026 9:00:00 AM`). */
const longDate = (at: Date): string =>
  at
    .toLocaleString('en-US', { dateStyle: 'full', timeStyle: 'medium', timeZone: 'UTC' })
    .replace(' at ', ' ')
    .replaceAll('\u202f', ' ');

export const asText = (value: Value): string => (value instanceof Date ? longDate(value) : String(value));

/** Shows a stream as PowerShell's default formatter does. */
export function show({ items, view }: Stream): string {
  const objects = items.filter(isItem);
  const values = items.filter((item): item is Value => !isItem(item));
  const lines = values
    .map((value) => (value instanceof Date ? `${NEWLINE}${longDate(value)}${NEWLINE}${NEWLINE}` : `${value}${NEWLINE}`))
    .join('');
  if (objects.length === 0) return lines;
  return lines + (view === 'list' ? list(objects) : grid(objects));
}

function list(objects: readonly Item[]): string {
  const blocks = objects.map((object) => {
    const width = Math.max(...Object.keys(object).map((key) => key.length));
    return Object.entries(object)
      .map(([key, value]) => `${key.padEnd(width)} : ${asText(value)}${NEWLINE}`)
      .join('');
  });
  return `${NEWLINE}${blocks.join(NEWLINE)}${NEWLINE}`;
}

function grid(objects: readonly Item[]): string {
  const keys = Object.keys(objects[0] ?? {});
  const cell = (object: Item, key: string): string => asText(object[key] ?? '');
  const columns = keys.map((key) => {
    const numeric = objects.every((object) => typeof object[key] === 'number');
    const width = Math.max(key.length, ...objects.map((object) => cell(object, key).length));
    return { key, fit: (content: string) => (numeric ? content.padStart(width) : content.padEnd(width)) };
  });
  const row = (content: (key: string) => string) =>
    columns
      .map(({ key, fit }) => fit(content(key)))
      .join(' ')
      .trimEnd() + NEWLINE;
  const body = objects.map((object) => row((key) => cell(object, key))).join('');
  return `${NEWLINE}${row((key) => key)}${row((key) => '-'.repeat(key.length))}${body}${NEWLINE}`;
}

/** The object that subtracting two instants gives. */
export function timeSpan(milliseconds: number): Stream {
  const seconds = Math.floor(milliseconds / 1000);
  const item = {
    Days: Math.floor(seconds / 86_400),
    Hours: Math.floor(seconds / 3600) % 24,
    Minutes: Math.floor(seconds / 60) % 60,
    Seconds: seconds % 60,
    Milliseconds: milliseconds % 1000,
    Ticks: milliseconds * 10_000,
    TotalDays: milliseconds / 86_400_000,
    TotalHours: milliseconds / 3_600_000,
    TotalMinutes: milliseconds / 60_000,
    TotalSeconds: milliseconds / 1000,
    TotalMilliseconds: milliseconds,
  };
  return { items: [item], view: 'list' };
}
