import { NormalizedSchema } from '@smithy/core/schema';

/** A schema as the SDK's clients export it: an array, a thunk of one, or a number for a simple type. */
export type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];
export { NormalizedSchema };

/** Traits of a shape or member that the wire reads; the names are Smithy's. */
export interface Traits {
  readonly http?: readonly [method: string, path: string, status: number];
  readonly httpLabel?: number;
  readonly httpQuery?: string;
  readonly httpQueryParams?: number;
  readonly httpHeader?: string;
  readonly httpPrefixHeaders?: string;
  readonly httpPayload?: number;
  readonly httpResponseCode?: number;
  readonly xmlName?: string;
  readonly xmlFlattened?: number;
  readonly ec2QueryName?: string;
  readonly error?: 'client' | 'server';
  readonly httpError?: number;
  readonly awsQueryError?: readonly [code: string, status: number];
}

const UNIT = 'unit' as SchemaRef;
type Members = [names: readonly string[], schemas: readonly SchemaRef[], required: number];

export const traitsOf = (schema: NormalizedSchema): Traits => schema.getMergedTraits();

export function membersOf(schema: NormalizedSchema): [name: string, schema: NormalizedSchema][] {
  return schema.isStructSchema() ? [...schema.structIterator()] : [];
}

/** The raw members of a structure; the first `required` of them must be there. */
function rawMembers(schema: NormalizedSchema): Members {
  if (!schema.isStructSchema()) return [[], [], 0];
  const [, , , , names, schemas, required] = schema.getSchema() as unknown as [
    0,
    0,
    0,
    0,
    string[],
    SchemaRef[],
    number?,
  ];
  return [names, schemas, required ?? 0];
}

export function requiredMembers(schema: NormalizedSchema): readonly string[] {
  const [names, , required] = rawMembers(schema);
  return names.slice(0, required);
}

/** A structure made up here, such as the envelope of a query answer. */
export function structure(name: string, names: readonly string[], schemas: readonly SchemaRef[]): NormalizedSchema {
  return NormalizedSchema.of([3, 'sandbox', name, 0, [...names], [...schemas]] as SchemaRef);
}

/** The same structure under another name, with only the members asked for and those added. */
export function reshaped(
  schema: NormalizedSchema,
  name: string,
  keep: (member: NormalizedSchema) => boolean,
  added: Readonly<Record<string, SchemaRef>> = {},
): NormalizedSchema {
  const [names, schemas] = rawMembers(schema);
  const members = new Map(membersOf(schema));
  const kept = names
    .map((member, index) => [member, schemas[index] ?? UNIT] as const)
    .filter(([member]) => {
      const normalized = members.get(member);
      return normalized !== undefined && keep(normalized);
    });
  const all = [...kept, ...Object.entries(added)];
  return structure(
    name,
    all.map(([member]) => member),
    all.map(([, member]) => member),
  );
}
