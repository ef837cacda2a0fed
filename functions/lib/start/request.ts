import { invalidRequest, type RequestProblem } from '../api/errors.ts';
import { camelDocument, writtenPath } from '../casing.ts';
import { problemPath, problemsIn } from '../problems.ts';
import type { StartRoute } from '../schemas/routes.ts';

/** The request in a document as somebody sent it. Throws InvalidRequest with everything that is wrong with it. */
export function parseRequest({ request: schema }: Pick<StartRoute, 'request'>, document: object): object {
  const { metadata, ...sent } = document as { readonly metadata?: unknown };
  const problems: RequestProblem[] = [];
  if (metadata !== undefined) problems.push({ path: 'metadata', reason: 'is written by the API itself: leave it out' });
  const { document: spelled, twice } = camelDocument(schema, sent);
  problems.push(...twice.map(({ path, reason }) => ({ path: problemPath(path), reason })));
  const parsed = schema.safeParse(spelled);
  if (parsed.success && problems.length === 0) return parsed.data;
  if (!parsed.success) {
    const { listed, more } = problemsIn(parsed.error, (path) => writtenPath(schema, sent, path));
    problems.push(...listed);
    if (more > 0) problems.push({ path: 'the body', reason: `has ${more} more problems` });
  }
  throw invalidRequest(problems);
}
