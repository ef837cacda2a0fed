import * as z from 'zod';

const OneOrMore = z.union([z.string(), z.array(z.string())]);
const Principal = z.union([z.literal('*'), z.record(z.string(), OneOrMore)]);
const Condition = z.record(z.string(), z.record(z.string(), z.unknown()));

/** The elements of a policy statement; what stands in them is checked by the simulator. */
const Statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: OneOrMore.optional(),
  NotAction: OneOrMore.optional(),
  Resource: OneOrMore.optional(),
  NotResource: OneOrMore.optional(),
  Principal: Principal.optional(),
  NotPrincipal: Principal.optional(),
  Condition: Condition.optional(),
});
export type PolicyStatement = z.infer<typeof Statement>;

/** A policy document as a template holds it, its one statement wrapped into a list. */
export const Document = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).default('2008-10-17'),
  Id: z.string().optional(),
  Statement: z.union([z.array(Statement), Statement.transform((statement) => [statement])]),
});
export type Document = z.infer<typeof Document>;

export const Tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() }));

export const listed = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;
