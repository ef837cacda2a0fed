import type { Cursor, Position } from './cursor.ts';

/** Some of a runbook's executions, the newest first, and how far the reading got: undefined where no more follow. */
export interface Batch<T> {
  readonly items: readonly T[];
  readonly readTo: Position | undefined;
}

/** Reads a runbook's executions from behind a position, or from the newest; it may give none although more follow. */
export type Read<T> = (runbook: string, behind: Position | undefined) => Promise<Batch<T>>;

/** How often a page reads, over all runbooks: a filter may let nothing pass for long. */
const MOST_READS = 40;

/** One runbook's executions as they come in: those read and not yet given, and where the next page or reading goes on. */
interface Stream<T> {
  readonly runbook: string;
  readonly waiting: T[];
  given: Position | undefined;
  readTo: Position | undefined;
  end: boolean;
}

interface Page<T> {
  readonly items: readonly { readonly runbook: string; readonly item: T }[];
  /** Where the next page begins; undefined after the last. */
  readonly next: Cursor | undefined;
}

/** One page of several runbooks' executions, the newest first. It may be short although more follow. */
export async function mergedPage<T extends Position>(
  runbooks: readonly string[],
  { cursor, limit, read }: { readonly cursor: Cursor; readonly limit: number; readonly read: Read<T> },
): Promise<Page<T>> {
  const streams = runbooks.map((runbook): Stream<T> => {
    const position = cursor[runbook];
    const given = position ?? undefined;
    return { runbook, waiting: [], given, readTo: given, end: position === null };
  });
  const items: { runbook: string; item: T }[] = [];
  for (let reads = 0; items.length < limit;) {
    const hungry = streams.find(({ waiting, end }) => waiting.length === 0 && !end);
    if (hungry !== undefined) {
      if (reads++ === MOST_READS) break;
      await feed(hungry, read);
      continue;
    }
    const taken = takeNewest(streams);
    if (taken === undefined) break;
    items.push(taken);
  }
  return { items, next: cursorOf(streams) };
}

async function feed<T extends Position>(stream: Stream<T>, read: Read<T>): Promise<void> {
  const { items, readTo } = await read(stream.runbook, stream.readTo);
  stream.waiting.push(...items);
  stream.readTo = readTo;
  stream.end = readTo === undefined;
  if (items.length === 0) stream.given = readTo;
}

/** The newest of what has been read; of several at the same time that of the runbook that is asked first. */
function takeNewest<T extends Position>(streams: readonly Stream<T>[]): { runbook: string; item: T } | undefined {
  let newest: Stream<T> | undefined;
  for (const stream of streams)
    if ((stream.waiting[0]?.startedAt ?? '') > (newest?.waiting[0]?.startedAt ?? '')) newest = stream;
  const item = newest?.waiting.shift();
  if (newest === undefined || item === undefined) return undefined;
  newest.given =
    newest.waiting.length > 0 ? { startedAt: item.startedAt, executionArn: item.executionArn } : newest.readTo;
  return { runbook: newest.runbook, item };
}

function cursorOf(streams: readonly Stream<Position>[]): Cursor | undefined {
  const cursor: Record<string, Position | null> = {};
  let more = false;
  for (const { runbook, waiting, end, given } of streams) {
    const ended = end && waiting.length === 0;
    more ||= !ended;
    if (ended) cursor[runbook] = null;
    else if (given !== undefined) cursor[runbook] = given;
  }
  return more ? cursor : undefined;
}
