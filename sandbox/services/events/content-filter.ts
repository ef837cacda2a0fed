import { AwsError } from '../../core/aws-error.ts';
import { inCidr, parseCidr } from './cidr.ts';

/** A value that an event holds and a pattern can look at. */
export type Leaf = string | number | boolean | null;

/** One alternative of a field: a test of one value, or the demand that there be none. */
export type Filter = { readonly absent: true } | { readonly absent: false; readonly test: (leaf: Leaf) => boolean };

const LARGEST = 5e9;
const present = (test: (leaf: Leaf) => boolean): Filter => ({ absent: false, test });
const ofString = (test: (text: string) => boolean): Filter => present((leaf) => typeof leaf === 'string' && test(leaf));

/** @throws AwsError InvalidEventPatternException, always */
export function invalidPattern(reason: string): never {
  throw new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads one element of a field's list: a value to equal, or `{operator: operand}`. Source: EventBridge User Guide,
 * "Comparison operators for use in event patterns"; the reasons are worded as its open-source rule engine words them.
 */
export function contentFilter(element: unknown): Filter {
  if (!isRecord(element)) {
    if (Array.isArray(element)) invalidPattern('Match value must be String, number, true, false, or null');
    return present((leaf) => leaf === element);
  }
  const [entry, ...more] = Object.entries(element);
  if (entry === undefined) return invalidPattern('Match expression name not found');
  if (more.length > 0) invalidPattern('Only one key allowed in match expression');
  return operation(...entry);
}

function operation(operator: string, operand: unknown): Filter {
  switch (operator) {
    case 'prefix':
    case 'suffix':
      return isRecord(operand)
        ? ofString(caseless(operator, operand))
        : ofString(affix(operator, text(operator, operand)));
    case 'equals-ignore-case':
    case 'wildcard':
      return ofString(stringTest(operator, operand));
    case 'anything-but':
      return anythingBut(operand);
    case 'numeric': {
      const test = numeric(operand);
      return present((leaf) => typeof leaf === 'number' && test(leaf));
    }
    case 'exists':
      if (typeof operand !== 'boolean') invalidPattern('exists match pattern must be either true or false.');
      return operand ? present(() => true) : { absent: true };
    case 'cidr': {
      const block = parseCidr(text('cidr', operand), invalidPattern);
      return ofString((address) => inCidr(address, block));
    }
    default:
      return invalidPattern(`Unrecognized match type ${operator}`);
  }
}

function text(operator: string, operand: unknown): string {
  if (typeof operand !== 'string') invalidPattern(`${operator} match pattern must be a string`);
  return operand;
}

function affix(operator: 'prefix' | 'suffix', wanted: string): (value: string) => boolean {
  return operator === 'prefix' ? (value) => value.startsWith(wanted) : (value) => value.endsWith(wanted);
}

/** `{"prefix": {"equals-ignore-case": "x"}}` */
function caseless(operator: 'prefix' | 'suffix', operand: Record<string, unknown>): (value: string) => boolean {
  const [[key, wanted] = ['', undefined], ...more] = Object.entries(operand);
  if (key !== 'equals-ignore-case') invalidPattern(`Unsupported ${operator} pattern: ${key}`);
  if (more.length > 0) invalidPattern('Only one key allowed in match expression');
  const test = affix(operator, text(key, wanted).toLowerCase());
  return (value) => test(value.toLowerCase());
}

function stringTest(operator: string, operand: unknown): (value: string) => boolean {
  const wanted = text(operator, operand);
  switch (operator) {
    case 'prefix':
    case 'suffix':
      if (wanted === '') invalidPattern('Null prefix/suffix not allowed');
      return affix(operator, wanted);
    case 'equals-ignore-case': {
      const folded = wanted.toLowerCase();
      return (value) => value.toLowerCase() === folded;
    }
    case 'wildcard': {
      const expression = wildcard(wanted);
      return (value) => expression.test(value);
    }
    default:
      return invalidPattern(`Unsupported anything-but pattern: ${operator}`);
  }
}

/** An asterisk stands for any text; `\*` and `\\` for the characters themselves. */
function wildcard(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '*') {
      if (pattern[at + 1] === '*') invalidPattern(`Consecutive wildcard characters at pos ${at}`);
      source += '.*';
    } else if (character === '\\') {
      const escaped = pattern.charAt(++at);
      if (escaped !== '*' && escaped !== '\\') invalidPattern(`Invalid escape character at pos ${at - 1}`);
      source += `\\${escaped}`;
    } else {
      source += character.replace(/[.+?^${}()|[\]/]/u, '\\$&');
    }
  }
  return new RegExp(`^${source}$`, 's');
}

function anythingBut(operand: unknown): Filter {
  if (isRecord(operand)) {
    const [entry, ...more] = Object.entries(operand);
    if (entry === undefined) return invalidPattern('Anything-But expression name not found');
    if (more.length > 0) invalidPattern('Only one key allowed in match expression');
    const [operator, wanted] = entry;
    const tests = [wanted].flat().map((one) => stringTest(operator, one));
    if (tests.length === 0) invalidPattern('Empty arrays are not allowed');
    return present((leaf) => typeof leaf !== 'string' || !tests.some((test) => test(leaf)));
  }
  const list = (Array.isArray(operand) ? operand : [operand]) as readonly Leaf[];
  if (!Array.isArray(operand) && typeof operand !== 'string' && typeof operand !== 'number') {
    invalidPattern('Value of anything-but must be an array or single string/number value.');
  }
  if (!list.every((one) => typeof one === 'string' || typeof one === 'number')) {
    invalidPattern('Inside anything but list, start|null|boolean is not supported.');
  }
  if (new Set(list.map((one) => typeof one)).size !== 1) {
    invalidPattern('Inside anything but list, either all values are number or string, mixed type is not supported');
  }
  return present((leaf) => !list.some((one) => one === leaf));
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `["=", 5]`, `["<", 5]`, or a range that opens with `>` or `>=` and closes with `<` or `<=`. */
function numeric(operand: unknown): (value: number) => boolean {
  if (!Array.isArray(operand)) invalidPattern('Value of numeric must be an array.');
  const [operator, bound, second, top, ...more] = operand as readonly unknown[];
  const opens = comparison(operator, bound);
  if (second === undefined) return opens;
  if (operator !== '>' && operator !== '>=') invalidPattern('Too many elements in numeric expression');
  if (second !== '<' && second !== '<=') invalidPattern(`Bad numeric range operator: ${JSON.stringify(second)}`);
  const closes = comparison(second, top);
  if (more.length > 0) invalidPattern('Too many terms in numeric range expression');
  if (Number(bound) >= Number(top)) invalidPattern('Bottom must be less than top');
  return (value) => opens(value) && closes(value);
}

function comparison(operator: unknown, bound: unknown): (value: number) => boolean {
  if (typeof operator !== 'string')
    return invalidPattern(`Invalid member in numeric match: ${JSON.stringify(operator)}`);
  const compare = COMPARISONS[operator];
  if (compare === undefined) return invalidPattern(`Unrecognized numeric range operator: ${operator}`);
  if (typeof bound !== 'number')
    return invalidPattern(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`);
  if (Math.abs(bound) > LARGEST) invalidPattern('Value must be between -5.0E9 and 5.0E9, inclusive');
  return (value) => compare(value, bound);
}
