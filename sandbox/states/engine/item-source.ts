import type { ItemReader, MapState } from '../definition/model.ts';
import { evaluateAs } from '../expressions/template.ts';
import { EvaluationError, StateFailure } from '../failure.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { integrate } from '../tasks/integrations.ts';
import type { Resource } from '../tasks/resource.ts';
import { parseCsv } from './csv.ts';
import type { Frame, Visit } from './frame.ts';

const s3 = (operation: string): Resource => ({
  arn: `arn:aws:states:::s3:${operation}`,
  kind: 'sdk',
  pattern: 'request-response',
  service: 's3',
  operation,
  resourceType: 's3',
  resource: operation,
  prefix: 'S3',
});

const readerFailed = (cause: string): StateFailure => new StateFailure('States.ItemReaderFailed', cause);

function rows({ csvHeaders, csvDelimiter }: ItemReader, text: string): Json[] {
  const lines = parseCsv(text, csvDelimiter);
  const headers = csvHeaders ?? lines.shift() ?? [];
  return lines.map((line) => Object.fromEntries(headers.map((header, column) => [header, line[column] ?? ''])));
}

function itemsIn(reader: ItemReader, text: string): readonly Json[] {
  if (reader.inputType === 'CSV') return rows(reader, text);
  try {
    if (reader.inputType === 'JSONL') {
      return text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line) as Json);
    }
    const value = JSON.parse(text) as Json;
    if (Array.isArray(value)) return value as readonly Json[];
  } catch (error) {
    throw readerFailed(`Unable to parse the file as ${reader.inputType}: ${(error as SyntaxError).message}`);
  }
  throw readerFailed('Attempting to map over non-iterable node.');
}

async function listed(args: JsonObject, frame: Frame): Promise<Json[]> {
  const items: Json[] = [];
  let token: Json | undefined;
  do {
    const page = await call(
      'ListObjectsV2',
      { ...args, ...(token !== undefined && { ContinuationToken: token }) },
      frame,
    );
    const contents =
      isObject(page) && Array.isArray(page['Contents']) ? (page['Contents'] as readonly JsonObject[]) : [];
    for (const { LastModified, ...object } of contents) {
      items.push({
        ...object,
        ...(typeof LastModified === 'string' && { LastModified: Date.parse(LastModified) / 1000 }),
      });
    }
    token = isObject(page) ? page['NextContinuationToken'] : undefined;
  } while (token !== undefined);
  return items;
}

async function call(operation: string, args: JsonObject, frame: Frame): Promise<Json> {
  const { execution, platform } = frame;
  return integrate({ execution, world: platform.world }, s3(operation), args);
}

async function read(reader: ItemReader, visit: Visit, frame: Frame): Promise<readonly Json[]> {
  const args = await reader.arguments.evaluate(frame.scope(visit));
  if (!isObject(args))
    throw new EvaluationError('The Arguments of the ItemReader must be an object', 'ItemReader/Arguments');
  if (reader.resource === 'listObjectsV2') return listed(args, frame);
  const answer = await call('GetObject', args, frame);
  const body = isObject(answer) ? answer['Body'] : undefined;
  if (typeof body !== 'string') throw new Error('s3:GetObject gave no Body as bytes or text');
  return itemsIn(reader, body);
}

/** The items of a Distributed Map: from S3, from Items, or the state's input. */
export async function sourceItems(
  state: MapState,
  reader: ItemReader | undefined,
  visit: Visit,
  frame: Frame,
): Promise<readonly Json[]> {
  if (reader !== undefined) {
    const items = await read(reader, visit, frame);
    return reader.maxItems === undefined
      ? items
      : items.slice(0, await evaluateAs(reader.maxItems, frame.scope(visit), 'number'));
  }
  if (state.items !== undefined) return evaluateAs(state.items, frame.scope(visit), 'array');
  const { value, text } = visit.input;
  if (Array.isArray(value)) return value as readonly Json[];
  throw new EvaluationError(`Map state input must be an array but was: ${text}`);
}

/** Writes a text to S3 by the role of the machine. */
export async function putText(bucket: Json, key: string, value: Json, frame: Frame): Promise<void> {
  await call('PutObject', { Bucket: bucket, Key: key, Body: value }, frame);
}
