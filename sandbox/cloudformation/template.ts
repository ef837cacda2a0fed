import * as z from 'zod';
import { TemplateError } from './template-error.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

const Value = z.json() as z.ZodType<Json>;
const Named = z.record(z.string(), Value);

const Parameter = z.strictObject({
  Type: z.string(),
  Default: z.union([z.string(), z.number(), z.boolean()]).transform(String).optional(),
  Description: z.string().optional(),
  ConstraintDescription: z.string().optional(),
  NoEcho: z.union([z.boolean(), z.string()]).optional(),
  AllowedPattern: z.string().optional(),
  AllowedValues: z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String)).optional(),
  MinLength: z.coerce.number().optional(),
  MaxLength: z.coerce.number().optional(),
  MinValue: z.coerce.number().optional(),
  MaxValue: z.coerce.number().optional(),
});
export type Parameter = z.infer<typeof Parameter>;

const Resource = z.strictObject({
  Type: z.string(),
  Properties: Named.default({}),
  DependsOn: z.union([z.string().transform((id) => [id]), z.array(z.string())]).default([]),
  Condition: z.string().optional(),
  DeletionPolicy: z.enum(['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot']).optional(),
  UpdateReplacePolicy: z.enum(['Delete', 'Retain', 'Snapshot']).optional(),
  UpdatePolicy: Value.optional(),
  CreationPolicy: Value.optional(),
  Metadata: Named.optional(),
});
export type Resource = z.infer<typeof Resource>;

const Output = z.strictObject({
  Value,
  Description: z.string().optional(),
  Condition: z.string().optional(),
  Export: z.strictObject({ Name: Value }).optional(),
});

const Rule = z.strictObject({
  RuleCondition: Value.optional(),
  Assertions: z.array(z.strictObject({ Assert: Value, AssertDescription: z.string().optional() })),
});

/** The sections of a template and the attributes of a resource that the sandbox knows; all others are refused by name. */
const Template = z.strictObject({
  AWSTemplateFormatVersion: z.literal('2010-09-09').optional(),
  Description: z.string().optional(),
  Metadata: Value.optional(),
  Parameters: z.record(z.string(), Parameter).default({}),
  Rules: z.record(z.string(), Rule).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), Named)).default({}),
  Conditions: Named.default({}),
  Resources: z.record(z.string().regex(/^[A-Za-z0-9]+$/), Resource),
  Outputs: z.record(z.string(), Output).default({}),
});
export type Template = z.infer<typeof Template>;

const LONGEST_VALUE = 200;

function valueAt(value: unknown, path: readonly PropertyKey[]): string {
  const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
  const text = found === undefined ? 'nothing' : JSON.stringify(found);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

/** Each problem of a value that a schema refuses: path, what is wrong, and what stands there. */
export function problemsOf(error: z.ZodError, value: unknown): readonly string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${[...issue.path, key].join('.')} is not known to the sandbox`);
    return [`${issue.path.join('.')}: ${issue.message}; found ${valueAt(value, issue.path)}`];
  });
}

/** Reads a template; throws TemplateError naming every section, attribute or value that it does not know. */
export function parseTemplate(stackName: string, template: unknown): Template {
  const parsed = Template.safeParse(template);
  if (parsed.success) return parsed.data;
  throw new TemplateError(`stack ${stackName}`, problemsOf(parsed.error, template).join('; '));
}
