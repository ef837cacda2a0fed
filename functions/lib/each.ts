/** As many as the SDK keeps connections for without queueing what matters. */
const AT_ONCE = 10;

/** Does something for each of them, a few at a time; the answers stand in their order. */
export async function each<T, R>(things: readonly T[], work: (thing: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let from = 0; from < things.length; from += AT_ONCE)
    done.push(...(await Promise.all(things.slice(from, from + AT_ONCE).map(work))));
  return done;
}
