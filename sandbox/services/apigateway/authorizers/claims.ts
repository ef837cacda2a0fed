/**
 * A claim as requestContext has it: always text, in which a list is `[a b]` and an object `map[key:value]`. AWS does not
 * document it; https://github.com/floci-io/floci/pull/2011 measured it.
 */
export function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(' ')}]`;
  if (value === null) return '<nil>';
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([name, member]) => `${name}:${claimText(member)}`).join(' ')}]`;
}

/** The scopes of a token: `scope` as text with spaces between, or `scp` as text or a list. */
export function scopesOf({ scope, scp }: Readonly<Record<string, unknown>>): readonly string[] {
  return [scope ?? scp].flat().flatMap((value) => (typeof value === 'string' ? value.split(' ').filter(Boolean) : []));
}
