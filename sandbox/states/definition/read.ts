import type * as z from 'zod';
import type { Json } from '../json.ts';
import { isObject } from '../json.ts';
import type { Builder } from './builder.ts';
import { Diagnostics, invalidDefinition, type Diagnostic } from './diagnostics.ts';
import { Fields } from './fields.ts';
import { checkFlow, checkVariables } from './graph.ts';
import type { Definition, Flow, State, StateType } from './model.ts';
import { JSONPATH_FIELDS, Machine, STATES } from './schema.ts';
import { BUILDERS } from './states.ts';

/** States whose fields mean the same in both dialects, as long as they carry none of either. */
const NEUTRAL = new Set(['Pass', 'Wait', 'Succeed', 'Fail']);
const JSONATA_FIELDS = ['Arguments', 'Assign', 'Output', 'Items', 'Condition'];

function describe(issue: z.core.$ZodIssue, at: string, diagnostics: Diagnostics): void {
  const location = [at, ...issue.path.map(String)].join('/');
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) diagnostics.schema(`Field '${key}' is not supported`, location);
    return;
  }
  diagnostics.schema(issue.message, location);
}

/** Reads one definition; every part of it reports to the same diagnostics. */
class Reader implements Builder {
  readonly diagnostics = new Diagnostics();
  readonly #variables = new Set<string>();
  readonly #later: (() => void)[] = [];
  #machineLanguage: string | undefined;

  /** Reads a whole definition; undefined when it is too broken to be read on. */
  machine(value: unknown): Definition | undefined {
    if (!isObject(value)) {
      this.diagnostics.found.push({
        code: 'SCHEMA_VALIDATION_FAILED',
        message: 'Definition must be a valid JSON object',
      });
      return undefined;
    }
    const missing = ['States', 'StartAt'].filter((field) => !(field in value));
    if (missing.length > 0) this.diagnostics.schema(`These fields are required: [${missing.join(', ')}]`, '/');
    this.#machineLanguage = typeof value['QueryLanguage'] === 'string' ? value['QueryLanguage'] : undefined;
    if (this.#machineLanguage === 'JSONPath') this.#refuseJsonPath('/QueryLanguage');
    const read = missing.length > 0 ? undefined : this.parse(Machine, value, '');
    const flow = read && this.flow(read, '');
    for (const check of this.#later) check();
    if (flow !== undefined) checkVariables(flow, this.diagnostics);
    return flow && { ...flow, comment: read.Comment, timeoutSeconds: read.TimeoutSeconds };
  }

  flow({ StartAt, States }: { StartAt: string; States: Readonly<Record<string, Json>> }, at: string): Flow {
    const states = new Map<string, State>();
    for (const [name, value] of Object.entries(States)) {
      const state = this.#state(name, value, `${at}/States/${name}`);
      if (state !== undefined) states.set(name, state);
    }
    const flow = { startAt: StartAt, states };
    checkFlow(flow, Object.keys(States), at, this.diagnostics);
    return flow;
  }

  fields(at: string): Fields {
    return new Fields(this.diagnostics, at, this.#variables, this.#later);
  }

  parse<S extends z.ZodType>(schema: S, value: Json, at: string): z.infer<S> | undefined {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) describe(issue, at, this.diagnostics);
    return undefined;
  }

  #state(name: string, value: Json, at: string): State | undefined {
    if (name.length > 80) this.diagnostics.schema('State name must be at most 80 characters', at);
    if (!isObject(value)) {
      this.diagnostics.schema('Expected value of type [OBJECT]', at);
      return undefined;
    }
    const type = value['Type'];
    if (typeof type !== 'string' || !(type in STATES)) {
      this.diagnostics.schema(
        type === undefined ? 'These fields are required: [Type]' : `Unknown state type ${JSON.stringify(type)}`,
        at,
      );
      return undefined;
    }
    if (!this.#speaksJsonata(type, value, at)) return undefined;
    return BUILDERS[type as StateType](name, value, at, this);
  }

  #speaksJsonata(type: string, value: Readonly<Record<string, Json>>, at: string): boolean {
    const own = value['QueryLanguage'];
    const language = own ?? this.#machineLanguage;
    const foreign = JSONPATH_FIELDS.filter((field) => field in value);
    if (language !== undefined && language !== 'JSONata') {
      if (own === 'JSONPath' && this.#machineLanguage === 'JSONata') {
        this.diagnostics.schema(
          "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
          at,
        );
      } else if (own !== undefined && own !== 'JSONPath') {
        this.diagnostics.schema('Value should be one of the following: [JSONPath, JSONata]', `${at}/QueryLanguage`);
      } else if (own !== undefined) this.#refuseJsonPath(at);
      return false;
    }
    if (
      language === undefined &&
      (foreign.length > 0 || !NEUTRAL.has(type) || JSONATA_FIELDS.some((field) => field in value))
    ) {
      this.#refuseJsonPath(at, foreign);
      return false;
    }
    for (const field of foreign) {
      this.diagnostics.schema(
        `The QueryLanguage is set to 'JSONata', but field '${field}' is only supported for the 'JSONPath' QueryLanguage`,
        at,
      );
    }
    return foreign.length === 0;
  }

  #refuseJsonPath(at: string, fields: readonly string[] = []): void {
    const list = fields.length === 0 ? '' : ` (${fields.map((field) => `'${field}'`).join(', ')})`;
    this.diagnostics.unsupported(
      `the QueryLanguage 'JSONPath'${list}, which is the default: say "QueryLanguage": "JSONata"`,
      at,
    );
  }
}

/** What is wrong with a definition, in the words of ValidateStateMachineDefinition, and the definition when nothing is. */
export function inspect(text: string): {
  readonly definition?: Definition;
  readonly diagnostics: readonly Diagnostic[];
} {
  let value: unknown;
  try {
    value = text === '' ? undefined : JSON.parse(text);
  } catch (error) {
    return { diagnostics: [{ code: 'INVALID_JSON_DESCRIPTION', message: (error as SyntaxError).message }] };
  }
  const reader = new Reader();
  const definition = reader.machine(value);
  const diagnostics = reader.diagnostics.found;
  return diagnostics.length === 0 ? { definition, diagnostics } : { diagnostics };
}

/** Reads a definition. Throws InvalidDefinition with everything that is wrong with it. */
export function readDefinition(text: string): Definition {
  const { definition, diagnostics } = inspect(text);
  if (definition === undefined) throw invalidDefinition(diagnostics);
  return definition;
}
