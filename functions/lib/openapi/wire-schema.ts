import type * as z from '../zod.ts';
import { snakeCase, snakeDocument } from '../casing.ts';

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>;
type Written = Parameters<Override>[0]['jsonSchema'];

/**
 * Makes of what zod writes about a schema what is true on the wire: snake_case names, and in words what JSON Schema cannot
 * say. zod calls it once for each schema and each form that it was made from.
 */
export const asOnTheWire =
  (io: 'input' | 'output'): Override =>
  ({ zodSchema, jsonSchema }) => {
    if (jsonSchema.$ref !== undefined) {
      onlyRef(jsonSchema);
      return;
    }
    tidy(zodSchema._zod.def.type, jsonSchema);
    // Answers may gain members; an unknown key of a request is refused.
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    if ('default' in jsonSchema) jsonSchema.default = snakeDocument(zodSchema, jsonSchema.default);
    for (const rule of rulesOf(zodSchema, io)) describe(jsonSchema, rule);
  };

/** What a component says is said once, there. */
function onlyRef(schema: Written): void {
  for (const keyword of Object.keys(schema))
    if (keyword !== '$ref' && keyword !== 'description') Reflect.deleteProperty(schema, keyword);
}

function tidy(type: z.core.$ZodTypes['_zod']['def']['type'], schema: Written): void {
  switch (type) {
    case 'object':
      nameProperties(schema);
      return;
    case 'record':
      // That keys are text is so of all JSON.
      delete schema.propertyNames;
      return;
    case 'number':
      // zod's bounds of a whole number are those of JavaScript.
      if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
      if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
      return;
    case 'string':
      // The format says the same.
      if (schema.format !== undefined) delete schema.pattern;
      return;
  }
}

/** Keys that are always refused are left out, as unknown ones are. */
function nameProperties(schema: Written): void {
  const { properties = {}, required } = schema;
  const allowed = Object.entries(properties).filter(([, property]) => JSON.stringify(property) !== '{"not":{}}');
  schema.properties = Object.fromEntries(allowed.map(([name, property]) => [snakeCase(name), property]));
  if (required !== undefined) schema.required = required.map(snakeCase);
}

/** What refinements ask for, in the words with which they refuse; those within optional, default and the like, too. */
function rulesOf(schema: z.core.$ZodType, io: 'input' | 'output'): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const own = (def.checks ?? []).flatMap(({ _zod: check }) => {
    if (check.def.check !== 'custom') return [];
    const said = (check.def.error as z.core.$ZodErrorMap | undefined)?.({ code: 'custom', input: undefined, path: [] });
    return (typeof said === 'string' ? said : said?.message) ?? [];
  });
  if ('innerType' in def) return [...own, ...rulesOf(def.innerType, io)];
  return def.type === 'pipe' ? [...own, ...rulesOf(io === 'input' ? def.in : def.out, io)] : own;
}

/** Adds a sentence, once: a form of a schema has all that the one it was made from has. */
function describe(schema: Written, rule: string): void {
  const sentence = `${rule.charAt(0).toUpperCase()}${rule.slice(1)}.`;
  const { description = '' } = schema;
  if (!description.includes(sentence)) schema.description = `${description} ${sentence}`.trim();
}
