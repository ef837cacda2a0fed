import { membersOf, requiredMembers, traitsOf, type NormalizedSchema } from './schema.ts';

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** Paths of the required members that an input lacks, as AWS writes them (`targets.1.member.key`). */
export function missingMembers(schema: NormalizedSchema, value: unknown, path = ''): string[] {
  if (value === null || value === undefined) return [];
  if (schema.isListSchema())
    return (value as unknown[]).flatMap((item, index) =>
      missingMembers(schema.getValueSchema(), item, `${path}${index + 1}.member.`),
    );
  if (schema.isMapSchema())
    return Object.entries(value).flatMap(([key, item]) =>
      missingMembers(schema.getValueSchema(), item, `${path}${key}.member.`),
    );
  if (!schema.isStructSchema()) return [];
  return missingOfStructure(schema, value as Record<string, unknown>, path);
}

function missingOfStructure(schema: NormalizedSchema, value: Record<string, unknown>, path: string): string[] {
  const own = requiredMembers(schema).filter((name) => value[name] === undefined || value[name] === null);
  const nested = membersOf(schema).flatMap(([name, member]) =>
    traitsOf(member).httpPayload && member.isBlobSchema()
      ? []
      : missingMembers(member, value[name], `${path}${lowerFirst(name)}.`),
  );
  return [...own.map((name) => path + lowerFirst(name)), ...nested];
}

/** The sentence with which AWS refuses an input that lacks required members. */
export function missingSentence(missing: readonly string[]): string {
  const problems = missing.map(
    (path) => `Value null at '${path}' failed to satisfy constraint: Member must not be null`,
  );
  return `${missing.length} validation error${missing.length === 1 ? '' : 's'} detected: ${problems.join('; ')}`;
}
