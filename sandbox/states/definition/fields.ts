import { check } from '../expressions/check.ts';
import type { Expression } from '../expressions/expression.ts';
import { compile, type Template } from '../expressions/template.ts';
import { EvaluationError } from '../failure.ts';
import type { Json } from '../json.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Exit } from './model.ts';

const VARIABLE = /^\p{ID_Start}\p{ID_Continue}{0,79}$/u;

/** A template that stands for one that did not compile: the definition is refused, so it never runs. */
const refused = (location: string): Template => ({
  location,
  evaluate: () => Promise.reject(new EvaluationError('the definition was refused', location)),
});

/** Compiles the fields of one state and reports what its expressions must not do. */
export class Fields {
  readonly #diagnostics: Diagnostics;
  readonly #at: string;
  /** Variables that some state assigns; complete only once all states are read, so checked at the end. */
  readonly #variables: Set<string>;
  readonly #later: (() => void)[];

  constructor(diagnostics: Diagnostics, at: string, variables: Set<string>, later: (() => void)[]) {
    this.#diagnostics = diagnostics;
    this.#at = at;
    this.#variables = variables;
    this.#later = later;
  }

  template(value: Json, location: string, use: 'error-output' | 'other' = 'other'): Template {
    const found = (expression: Expression, place: string): void => {
      this.#later.push(() => {
        for (const { code, message } of check(expression.ast, use, this.#variables)) {
          this.#diagnostics.add(code, message, `${this.#at}/${place}`);
        }
      });
    };
    try {
      return compile(value, location, found);
    } catch (error) {
      // JSONata's parser throws plain objects with a message.
      this.#diagnostics.add(
        'INVALID_JSONATA_EXPRESSION',
        (error as { message?: string }).message ?? String(error),
        `${this.#at}/${location}`,
      );
      return refused(location);
    }
  }

  optional(value: Json | undefined, location: string): Template | undefined {
    return value === undefined ? undefined : this.template(value, location);
  }

  exit(
    fields: { readonly Output?: Json; readonly Assign?: Readonly<Record<string, Json>> },
    path = '',
    use: 'error-output' | 'other' = 'other',
  ): Exit {
    const { Output, Assign } = fields;
    return {
      output: Output === undefined ? undefined : this.template(Output, `${path}Output`, use),
      assign: Assign && this.#assign(Assign, `${path}Assign`, use),
    };
  }

  #assign(
    assign: Readonly<Record<string, Json>>,
    location: string,
    use: 'error-output' | 'other',
  ): ReadonlyMap<string, Template> {
    const templates = new Map<string, Template>();
    for (const [name, value] of Object.entries(assign)) {
      if (!VARIABLE.test(name) || name === 'states') {
        this.#diagnostics.schema(`'${name}' is not a valid variable name`, `${this.#at}/${location}/${name}`);
      }
      this.#variables.add(name);
      templates.set(name, this.template(value, `${location}/${name}`, use));
    }
    return templates;
  }
}
