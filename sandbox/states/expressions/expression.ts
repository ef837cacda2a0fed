import jsonata from 'jsonata';
import { EvaluationError } from '../failure.ts';
import type { Json } from '../json.ts';
import { FUNCTIONS } from './functions.ts';
import { plain, type Unsupported, UNSUPPORTED } from './plain.ts';
import { EVALUATION, type Evaluation, type Scope } from './scope.ts';

/** AWS ends an expression by time; counted steps end it at the same place in every run. */
const STEP_LIMIT = 400_000;
/** AWS bounds a value by bytes held: so many elements of an array, so many characters of a string. */
const LONGEST_ARRAY = 873_782;
const LONGEST_STRING = 2 ** 22;

const ENTRY = Symbol.for('jsonata.__evaluate_entry');
const EXIT = Symbol.for('jsonata.__evaluate_exit');
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));

interface Node {
  readonly type: string;
  readonly value?: unknown;
}

interface Frame {
  lookup(name: string): unknown;
  timestamp: Date;
}

/** Whether a name step would find something that JavaScript put there, not the data. */
function reachesPrototype(name: string, input: unknown): boolean {
  if (Array.isArray(input)) return input.some((each) => reachesPrototype(name, each));
  return typeof input === 'object' && input !== null && !Object.hasOwn(input, name);
}

function enter({ type, value }: Node, input: unknown, frame: Frame): void {
  const evaluation = frame.lookup(EVALUATION) as Evaluation;
  // The first frame hands the time to all others: `$toMillis` completes partial dates by it.
  if (evaluation.steps === 0) frame.timestamp = evaluation.now;
  if (++evaluation.steps > evaluation.limit) throw new Error('Expression evaluation timeout: check for infinite loop');
  if (type === 'name' && INHERITED.has(value as string) && reachesPrototype(value as string, input)) {
    throw new Error(`there is no field '${value as string}'`);
  }
}

function leave(_node: Node, _input: unknown, _frame: Frame, result: unknown): void {
  const length = Array.isArray(result) || typeof result === 'string' ? result.length : 0;
  if (length > (Array.isArray(result) ? LONGEST_ARRAY : LONGEST_STRING)) {
    throw new Error('Expression evaluation memory limit exceeded');
  }
}

interface Thrown {
  readonly code?: string;
  readonly message?: string;
}

/** A JSONata expression, compiled once. Source: JSONata 2.0.6, without `$eval`, with the functions of Step Functions. */
export class Expression {
  readonly source: string;
  readonly #compiled: jsonata.Expression;
  readonly #stepLimit: number;

  /** Throws what the parser of JSONata throws. */
  constructor(source: string, stepLimit = STEP_LIMIT) {
    this.source = source;
    this.#stepLimit = stepLimit;
    this.#compiled = jsonata(source);
    for (const [name, { implementation, signature }] of Object.entries(FUNCTIONS)) {
      this.#compiled.registerFunction(name, implementation as never, signature);
    }
    this.#compiled.assign('eval', undefined);
    this.#compiled.assign(ENTRY as unknown as string, enter);
    this.#compiled.assign(EXIT as unknown as string, leave);
  }

  get ast(): unknown {
    return this.#compiled.ast();
  }

  /** The value as plain JSON. Throws EvaluationError in AWS's words; `location` is the field it stands in. */
  async evaluate(scope: Scope, location: string): Promise<Json> {
    const result = plain(await this.#run(scope, location));
    if (result === undefined) throw this.#error(location, 'returned nothing (undefined).');
    if (result === UNSUPPORTED) throw this.#error(location, 'returned an unsupported result type.');
    return result;
  }

  async #run(scope: Scope, location: string): Promise<Json | Unsupported | undefined> {
    const evaluation: Evaluation = { ...scope, steps: 0, limit: this.#stepLimit };
    const bindings = { ...Object.fromEntries(scope.variables), states: scope.states, [EVALUATION]: evaluation };
    try {
      return (await this.#compiled.evaluate(undefined, bindings)) as Json | Unsupported | undefined;
    } catch (error) {
      // JSONata throws plain objects with a code.
      const { code, message } = error as Thrown;
      throw this.#error(
        location,
        `threw an error during evaluation. ${code === undefined ? '' : `${code}: `}${message ?? String(error)}`,
      );
    }
  }

  #error(location: string, what: string): EvaluationError {
    return new EvaluationError(
      `The JSONata expression '${this.source}' specified for the field '${location}' ${what}`,
      location,
    );
  }
}
