import type { Target } from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../core/aws-error.ts';
import type { Event } from './event.ts';

/** What a template can name besides the event. */
interface InputContext {
  readonly ruleArn: string;
  readonly ruleName: string;
  /** When the bus took the event in, ISO 8601. */
  readonly ingestionTime: string;
}

/** Makes the text that a target gets out of an event. */
export type TargetInput = (event: Event, context: InputContext) => string;

type Value = (event: Event, context: InputContext) => unknown;

const RESERVED: Readonly<Record<string, Value>> = {
  'aws.events.rule-arn': (_event, { ruleArn }) => ruleArn,
  'aws.events.rule-name': (_event, { ruleName }) => ruleName,
  'aws.events.event.ingestion-time': (_event, { ingestionTime }) => ingestionTime,
  'aws.events.event': (event) => ({ ...event, detail: undefined }),
  'aws.events.event.json': (event) => event,
};

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/**
 * Reads Input, InputPath or InputTransformer of a target; without any the event goes as it is. Source: EventBridge User
 * Guide, "Input transformation". @throws AwsError ValidationException
 */
export function targetInput({ Id = '', Input, InputPath, InputTransformer }: Target): TargetInput {
  const given = [Input, InputPath, InputTransformer].filter((one) => one !== undefined);
  if (given.length > 1) {
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`);
  }
  if (Input !== undefined) {
    if (!isJson(Input)) throw invalid(`JSON syntax error in input for target ${Id}`);
    return () => Input;
  }
  if (InputPath !== undefined) {
    const value = path(InputPath, `Invalid InputPath for target ${Id}.`);
    return (event) => JSON.stringify(value(event) ?? null);
  }
  if (InputTransformer !== undefined) {
    const { InputPathsMap = {}, InputTemplate = '' } = InputTransformer;
    const paths = Object.entries(InputPathsMap).map(([name, text]): [string, Value] => [
      name,
      path(text, `Invalid InputPathsMap for target ${Id}.`),
    ]);
    return template(InputTemplate, { ...RESERVED, ...Object.fromEntries(paths) }, Id);
  }
  return (event) => JSON.stringify(event);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** `$`, `.name`, `['name']` and `[0]`; filters and slices are refused. */
function path(text: string, refusal: string): (event: unknown) => unknown {
  const steps = [...text.slice(1).matchAll(/\.([\w-]+)|\['([^']+)'\]|\[(\d+)\]/gu)];
  if (!text.startsWith('$') || steps.map(([step]) => step).join('') !== text.slice(1)) throw invalid(refusal);
  const names = steps.map(([, name, quoted, index]) => name ?? quoted ?? index ?? '');
  return (event) =>
    names.reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      event,
    );
}

/** A JSON text with `<name>` in it: JSON where it stands alone, text where it stands in a string. */
function template(text: string, values: Readonly<Record<string, Value>>, id: string): TargetInput {
  const parts = text.split(/<([\w.-]+)>/u);
  const json = /^\s*["[{]/u.test(text);
  let quoted = false;
  const writers = parts.map((part, index): TargetInput => {
    if (index % 2 === 0) {
      quoted = endsQuoted(part, quoted);
      return () => part;
    }
    const value = values[part];
    if (value === undefined)
      throw invalid(`Invalid InputTemplate for target ${id} : [<${part}> is not defined in InputPathsMap]`);
    const write = json ? (quoted ? inString : asJson) : asText;
    return (event, context) => write(value(event, context));
  });
  if (json && !isJson(parts.map((part, index) => (index % 2 === 0 ? part : '0')).join(''))) {
    throw invalid(`Invalid InputTemplate for target ${id} : [JSON syntax error]`);
  }
  return (event, context) => writers.map((write) => write(event, context)).join('');
}

/** Whether a JSON text ends inside a string, given whether it began in one. */
function endsQuoted(text: string, quoted: boolean): boolean {
  return [...text.matchAll(/\\.|"/gsu)].reduce((open, [mark]) => (mark === '"' ? !open : open), quoted);
}

/** What is missing in the event is an empty string. */
const asJson = (value: unknown): string => JSON.stringify(value ?? '');
const asText = (value: unknown): string => (typeof value === 'string' ? value : asJson(value));
const inString = (value: unknown): string =>
  JSON.stringify(typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)).slice(1, -1);
