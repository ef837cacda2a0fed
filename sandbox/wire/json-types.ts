import { AwsError } from '../core/aws-error.ts';
import { membersOf, type NormalizedSchema } from './schema.ts';

const serialization = (message: string): AwsError => new AwsError('SerializationException', message);

const TOKENS: Readonly<Record<string, string>> = {
  string: 'STRING_VALUE',
  number: 'NUMBER_VALUE',
  true: 'TRUE_VALUE',
  false: 'FALSE_VALUE',
};

/** Refuses JSON whose types are not those of the schema; the SDK's reader would take it as it is. */
export function checkJson(schema: NormalizedSchema, value: unknown): void {
  if (value === null || value === undefined || schema.isDocumentSchema() || schema.isUnitSchema()) return;
  if (schema.isListSchema()) checkList(schema, value);
  else if (schema.isMapSchema() || schema.isStructSchema()) checkObject(schema, value);
  else checkSimple(schema, value);
}

function checkList(schema: NormalizedSchema, value: unknown): void {
  if (!Array.isArray(value)) throw misplaced(value, 'a List');
  for (const item of value) checkJson(schema.getValueSchema(), item);
}

function checkObject(schema: NormalizedSchema, value: unknown): void {
  if (typeof value !== 'object' || Array.isArray(value)) throw misplaced(value, 'a Map');
  const record = value as Record<string, unknown>;
  if (schema.isMapSchema()) for (const item of Object.values(record)) checkJson(schema.getValueSchema(), item);
  else for (const [name, member] of membersOf(schema)) if (Object.hasOwn(record, name)) checkJson(member, record[name]);
}

function checkSimple(schema: NormalizedSchema, value: unknown): void {
  const type = typeof value;
  if (schema.isStringSchema() && type !== 'string') throw misplaced(value, 'a String');
  if (schema.isBlobSchema() && type !== 'string') throw misplaced(value, 'a Blob');
  if (schema.isBooleanSchema() && type !== 'boolean') throw misplaced(value, 'a Boolean');
  if (schema.isTimestampSchema() && type !== 'number' && type !== 'string') throw misplaced(value, 'a Timestamp');
  if (schema.isNumericSchema() && type !== 'number' && !['NaN', 'Infinity', '-Infinity'].includes(value as string))
    throw misplaced(value, 'a Number');
}

function misplaced(value: unknown, expected: string): AwsError {
  if (Array.isArray(value)) return serialization('Start of list found where not expected');
  if (typeof value === 'object') return serialization('Start of structure or map found where not expected.');
  const token = typeof value === 'boolean' ? TOKENS[String(value)] : TOKENS[typeof value];
  return serialization(`${token} can not be converted to ${expected}`);
}

/** Parses a JSON body; an empty one is an empty object. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (error) {
    throw serialization(error instanceof Error ? error.message : 'The body is not JSON.');
  }
}
