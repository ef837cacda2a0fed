import type { Random } from '../../core/random.ts';
import type { Json, JsonObject } from '../json.ts';

/** What an expression can see: `$states`, the variables, the time and the source of randomness of the moment. */
export interface Scope {
  readonly states: JsonObject;
  readonly variables: ReadonlyMap<string, Json>;
  readonly now: Date;
  readonly random: Random;
}

/** One evaluation under way, with the steps it has taken. */
export interface Evaluation extends Scope {
  steps: number;
  readonly limit: number;
}

/** No expression can name this variable: the parser ends a name at a space. */
export const EVALUATION = 'evaluation under way';
