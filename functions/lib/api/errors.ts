/** One thing that is wrong with a request; `path` as the caller wrote the document. */
export interface RequestProblem {
  readonly path: string;
  readonly reason: string;
}

/** What a caller is told instead of a result: a name of problem-types.ts, and a detail that holds nothing of our inside. */
export class ApiError extends Error {
  override readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly problems: readonly RequestProblem[] | undefined;

  constructor(
    name: string,
    detail: string,
    extras: { readonly headers?: Readonly<Record<string, string>>; readonly problems?: readonly RequestProblem[] } = {},
  ) {
    super(detail);
    this.name = name;
    this.headers = extras.headers ?? {};
    this.problems = extras.problems;
  }
}

/** A request that breaks its schema, with everything that is wrong with it. */
export function invalidRequest(problems: readonly RequestProblem[]): ApiError {
  const detail = problems.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
  return new ApiError('InvalidRequest', detail.slice(0, 2000), { problems });
}
