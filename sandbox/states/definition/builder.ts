import type * as z from 'zod';
import type { Json } from '../json.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Fields } from './fields.ts';
import type { Catcher, Flow, Retrier } from './model.ts';
import type { Read } from './schema.ts';

/** What a state is read with. */
export interface Builder {
  readonly diagnostics: Diagnostics;
  fields(at: string): Fields;
  flow(value: { StartAt: string; States: Readonly<Record<string, Json>> }, at: string): Flow;
  parse<S extends z.ZodType>(schema: S, value: Json, at: string): z.infer<S> | undefined;
}

/** Where a state goes: exactly one of Next and End. */
export function onward(
  { Next, End }: { Next?: string; End?: boolean },
  at: string,
  { diagnostics }: Builder,
): string | undefined {
  if (Next === undefined && End !== true)
    diagnostics.schema("Exactly one of the fields 'Next' and 'End' is required", at);
  if (Next !== undefined && End === true) diagnostics.schema("Only one of the fields 'Next' and 'End' is allowed", at);
  return Next;
}

export function recovery(
  { Retry, Catch }: Pick<Read<'Task'>, 'Retry' | 'Catch'>,
  at: string,
  builder: Builder,
): { retry: Retrier[]; catch: Catcher[] } {
  const fields = builder.fields(at);
  for (const [field, policies] of Object.entries({ Retry, Catch })) {
    policies.forEach(({ ErrorEquals }, index) => {
      if (ErrorEquals.includes('States.ALL') && (ErrorEquals.length > 1 || index < policies.length - 1)) {
        builder.diagnostics.schema(
          "'States.ALL' must stand alone and in the last place",
          `${at}/${field}[${index}]/ErrorEquals`,
        );
      }
    });
  }
  return {
    retry: Retry.map((retrier) => ({
      errorEquals: retrier.ErrorEquals,
      intervalSeconds: retrier.IntervalSeconds,
      backoffRate: retrier.BackoffRate,
      maxAttempts: retrier.MaxAttempts,
      maxDelaySeconds: retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY,
      fullJitter: retrier.JitterStrategy === 'FULL',
    })),
    catch: Catch.map((catcher, index) => ({
      errorEquals: catcher.ErrorEquals,
      next: catcher.Next,
      ...fields.exit(catcher, `Catch[${index}]/`, 'error-output'),
    })),
  };
}
