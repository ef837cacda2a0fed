/** What is given of an input: a member that is undefined must not hide what it is laid over. */
export const defined = <T extends object>(input: T, except: readonly string[] = []): Partial<T> =>
  Object.fromEntries(
    Object.entries(input).filter(([member, value]) => value !== undefined && !except.includes(member)),
  ) as Partial<T>;
