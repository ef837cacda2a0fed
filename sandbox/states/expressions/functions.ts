import { createHash } from 'node:crypto';
import type jsonata from 'jsonata';
import { Random } from '../../core/random.ts';
import { EVALUATION, type Evaluation } from './scope.ts';

/** As AWS refuses `$range` beyond what its evaluator may hold. */
const LONGEST_RANGE = 360_145;

const ALGORITHMS: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

type Native = (this: jsonata.Focus, ...parameters: never[]) => unknown;

interface Definition {
  readonly implementation: Native;
  readonly signature: string;
}

const evaluationOf = ({ environment }: jsonata.Focus): Evaluation => environment.lookup(EVALUATION) as Evaluation;

/** Marks an array as a JSONata sequence: of one element, it stands for that element. */
function sequence<T>(values: T[]): T[] {
  return Object.defineProperty(values, 'sequence', { value: true });
}

function partition(values?: unknown[], size?: number): unknown[][] | undefined {
  const step = Math.trunc(size ?? 0);
  if (values === undefined || values.length === 0 || step < 1) return undefined;
  return Array.from({ length: Math.ceil(values.length / step) }, (_, index) =>
    values.slice(index * step, (index + 1) * step),
  );
}

function range(first?: number, last?: number, step?: number): number[] | undefined {
  if (first === undefined || last === undefined || step === undefined) return undefined;
  const [from, to, by] = [Math.trunc(first), Math.trunc(last), Math.trunc(step)];
  if (by === 0) return undefined;
  const length = Math.floor((to - from) / by) + 1;
  if (length < 1) return undefined;
  if (length > LONGEST_RANGE) throw new Error('Expression evaluation memory limit exceeded');
  return sequence(Array.from({ length }, (_, index) => from + index * by));
}

function hash(text?: string, algorithm?: string): string | undefined {
  if (text === undefined || algorithm === undefined) return undefined;
  const known = ALGORITHMS[algorithm];
  if (known === undefined)
    throw new Error(`the hash algorithm must be one of ${Object.keys(ALGORITHMS).join(', ')}, but was ${algorithm}`);
  return createHash(known).update(text).digest('hex');
}

function shuffle(this: jsonata.Focus, values?: unknown[]): unknown[] | undefined {
  const { random } = evaluationOf(this);
  const shuffled = values && [...values];
  for (let index = (shuffled?.length ?? 0) - 1; shuffled !== undefined && index > 0; index--) {
    const other = random.below(index + 1);
    [shuffled[index], shuffled[other]] = [shuffled[other], shuffled[index]];
  }
  return shuffled;
}

/** Own properties alone, or an expression could reach JavaScript's prototypes. */
function lookup(input: unknown, key: string): unknown {
  if (Array.isArray(input)) {
    return sequence(input.flatMap((each: unknown) => lookup(each, key) ?? []));
  }
  if (typeof input !== 'object' || input === null || !Object.hasOwn(input, key)) return undefined;
  const found: unknown = (input as Record<string, unknown>)[key];
  return found;
}

function now(this: jsonata.Focus, picture?: string, timezone?: string): unknown {
  const format = this.environment.lookup('fromMillis') as { implementation: (...parameters: unknown[]) => unknown };
  return format.implementation.call(this, evaluationOf(this).now.getTime(), picture, timezone);
}

/**
 * The functions that Step Functions adds to JSONata, and those of JSONata that would read the host's clock or
 * randomness. Source: Step Functions Developer Guide, "JSONata functions provided by Step Functions".
 */
export const FUNCTIONS: Readonly<Record<string, Definition>> = {
  partition: { implementation: partition, signature: '<an:a>' },
  range: { implementation: range, signature: '<nnn?:a>' },
  hash: { implementation: hash, signature: '<ss?:s>' },
  uuid: {
    implementation: function (this: jsonata.Focus) {
      return evaluationOf(this).random.uuid();
    },
    signature: '<:s>',
  },
  random: {
    implementation: function (this: jsonata.Focus, seed?: number) {
      return (seed === undefined ? evaluationOf(this).random : new Random(Math.trunc(seed))).next();
    },
    signature: '<n?:n>',
  },
  parse: {
    implementation: (text?: string): unknown => (text === undefined ? undefined : JSON.parse(text)),
    signature: '<s:x>',
  },
  now: { implementation: now, signature: '<s?s?:s>' },
  millis: {
    implementation: function (this: jsonata.Focus) {
      return evaluationOf(this).now.getTime();
    },
    signature: '<:n>',
  },
  shuffle: { implementation: shuffle, signature: '<a:a>' },
  lookup: { implementation: lookup, signature: '<x-s:x>' },
};
