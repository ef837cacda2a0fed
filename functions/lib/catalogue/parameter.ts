import * as z from '../zod.ts';
import { verbatim } from '../schemas/verbatim.ts';
import type { Value } from './script.ts';

/** A parameter of a named command. */
export interface Parameter<T extends Value = Value> {
  readonly kind: string;
  readonly description: string;
  /** What a value has to be, as a message ends: `must be …`. */
  readonly rule: string;
  /** What it is when it is not given; without one it has to be given. */
  readonly default: T | undefined;
  readonly schema: z.ZodMiniType<T>;
}

interface Common<T> {
  readonly description: string;
  readonly default?: NoInfer<T>;
}

/** The longest text, unless a parameter says another. */
const MOST_CHARACTERS = 1024;
const MOST_ITEMS = 50;

const explained = (rule: string) => ({
  error: ({ input }: { readonly input?: unknown }) =>
    input === undefined ? `is missing: give ${rule}` : `must be ${rule}`,
});

const made = <T extends Value>(
  kind: string,
  rule: string,
  common: Common<T>,
  schema: z.ZodMiniType<T>,
): Parameter<T> => ({
  kind,
  rule,
  schema,
  description: common.description,
  default: common.default,
});

interface TextOptions extends Common<string> {
  readonly pattern: RegExp;
  /** The pattern in words, as a message ends: `must be …`. */
  readonly rule: string;
  readonly maxCharacters?: number;
}

const textSchema = (rule: string, pattern?: RegExp, maxCharacters = MOST_CHARACTERS): z.ZodMiniType<string> =>
  verbatim(explained(rule)).check(
    ...(pattern === undefined ? [] : [z.regex(pattern, explained(rule))]),
    z.maxLength(maxCharacters, `must have at most ${maxCharacters} characters`),
  );

/** Text of one pattern. Let no pattern begin with a hyphen unless the script keeps it from being an option. */
export const text = ({ pattern, rule, maxCharacters, ...common }: TextOptions): Parameter<string> =>
  made('text', rule, common, textSchema(rule, pattern, maxCharacters));

interface TextsOptions extends Omit<TextOptions, 'default' | 'pattern'> {
  /** Any text if there is none. */
  readonly pattern?: RegExp;
  readonly default?: readonly string[];
  readonly maxItems?: number;
}

/** A list of text, in order. */
export function texts({ pattern, rule, maxCharacters, maxItems = MOST_ITEMS, ...common }: TextsOptions) {
  const list = `a list of at most ${maxItems}, each ${rule}`;
  const schema = z
    .array(textSchema(rule, pattern, maxCharacters), explained(list))
    .check(z.maxLength(maxItems, `must be ${list}`));
  return made<readonly string[]>('list of text', list, common, schema);
}

interface IntegerOptions extends Common<number> {
  readonly minimum: number;
  readonly maximum: number;
  /** What is counted (`seconds`). */
  readonly unit: string;
}

export function integer({ minimum, maximum, unit, ...common }: IntegerOptions): Parameter<number> {
  const rule = `a whole number of ${unit} from ${minimum} to ${maximum}`;
  const within = [z.minimum(minimum, explained(rule)), z.maximum(maximum, explained(rule))] as const;
  return made('integer', rule, common, z.int(explained(rule)).check(...within));
}

/** Yes or no; no unless told. */
export const flag = ({ description }: Pick<Common<boolean>, 'description'>): Parameter<boolean> =>
  made('flag', 'true or false', { description, default: false }, z.boolean(explained('true or false')));

export function choice<const T extends string>({ of, ...common }: Common<T> & { readonly of: readonly [T, ...T[]] }) {
  const rule = `one of ${of.join(', ')}`;
  return made<T>('choice', rule, common, z.enum(of, explained(rule)));
}

interface PathOptions extends Common<string> {
  /** Directories that it has to be, or be in. The script has to look where links lead. */
  readonly under: readonly string[];
}

/** Windows does not tell cases apart. */
const isIn = (root: string, path: string): boolean =>
  root.startsWith('/')
    ? `${path}/`.startsWith(`${root}/`)
    : `${path}\\`.toLowerCase().startsWith(`${root}\\`.toLowerCase());

/** An absolute path, of Linux or Windows, that goes down only. */
const PATH = /^(?:(?:\/(?!\.{1,2}(?:\/|$))[^/\0\r\n]+)+|[A-Za-z]:(?:\\(?!\.{1,2}(?:\\|$))[^\\/:*?"<>|\0\r\n]+)+)$/;

const pathSchema = (under: readonly string[], rule: string): z.ZodMiniType<string> =>
  textSchema(rule, PATH).check(z.refine((path: string) => under.some((root) => isIn(root, path)), `must be ${rule}`));

const pathRule = (under: readonly string[]): string =>
  `an absolute path without . and .., in or under ${under.join(', ')}`;

export const path = ({ under, ...common }: PathOptions): Parameter<string> =>
  made('path', pathRule(under), common, pathSchema(under, pathRule(under)));

export function paths({ under, ...common }: Omit<PathOptions, 'default'> & Common<readonly string[]>) {
  const list = `a list of 1 to ${MOST_ITEMS}, each ${pathRule(under)}`;
  const schema = z
    .array(pathSchema(under, pathRule(under)), explained(list))
    .check(z.minLength(1, `must be ${list}`), z.maxLength(MOST_ITEMS, `must be ${list}`));
  return made<readonly string[]>('list of path', list, common, schema);
}

const BUCKET = '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]';
const KEY_CHARACTERS = "[A-Za-z0-9!_.*'()/ =+@:,-]"; // those that S3's guide calls safe, and the usual ones beside them

/** `s3://BUCKET/KEY` of one object, or `s3://BUCKET/PREFIX` without a slash at its end. */
export function s3Uri({ description, of }: { readonly description: string; readonly of: 'object' | 'prefix' }) {
  const rule =
    of === 'object'
      ? 'the S3 URI of an object, such as s3://bucket/scripts/fix.sh'
      : 'an S3 URI without a / at its end, such as s3://bucket/prefix';
  const key = of === 'object' ? `/(?!/)${KEY_CHARACTERS}{0,1022}[^/\\s]` : `(?:/(?!/)${KEY_CHARACTERS}{0,900}[^/\\s])?`;
  return made<string>('S3 URI', rule, { description }, textSchema(rule, new RegExp(`^s3://${BUCKET}${key}$`), 1100));
}

export const sha256 = ({ description }: { readonly description: string }): Parameter<string> => {
  const rule = 'a SHA-256 in 64 lower-case hexadecimal digits, as sha256sum prints it';
  return made('SHA-256', rule, { description }, textSchema(rule, /^[0-9a-f]{64}$/));
};
