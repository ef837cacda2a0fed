/**
 * Puts names after all that they depend on; otherwise they keep their order. `needs` gives what a name depends on.
 * Throws an Error that names the cycle.
 */
export function inDependencyOrder(names: readonly string[], needs: (name: string) => Iterable<string>): string[] {
  const known = new Set(names);
  const ordered = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): void => {
    if (!known.has(name) || ordered.has(name)) return;
    if (path.includes(name))
      throw new Error(`circular dependency: ${[...path.slice(path.indexOf(name)), name].join(' -> ')}`);
    path.push(name);
    for (const needed of needs(name)) visit(needed);
    path.pop();
    ordered.add(name);
  };
  names.forEach(visit);
  return [...ordered];
}
