import type { AwsError } from './aws-error.ts';

interface Asked {
  readonly size: number;
  readonly token: string | undefined;
  /** What the service says of a token that no page gave. */
  readonly refuse: (token: string) => AwsError;
}

/** One page of a list, and the token of the next where there is more. */
export function pageOf<T>(
  all: readonly T[],
  { size, token, refuse }: Asked,
): { readonly items: T[]; readonly next: string | undefined } {
  const [, position] =
    token === undefined ? [] : (/^page-(\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? []);
  if (token !== undefined && position === undefined) throw refuse(token);
  const start = Number(position ?? 0);
  const end = start + size;
  return {
    items: all.slice(start, end),
    next: end < all.length ? Buffer.from(`page-${end}`).toString('base64url') : undefined,
  };
}
