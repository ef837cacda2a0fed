import { AwsError } from '../core/aws-error.ts';
import type { Api, ApiOperation } from './api.ts';
import { header, type WireRequest } from './http.ts';
import { membersOf, requiredMembers, traitsOf } from './schema.ts';

interface Route {
  readonly operation: ApiOperation;
  readonly method: string;
  readonly segments: readonly string[];
  /** Literal query parameters, without `x-id`, which only some SDKs send. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly id: string | undefined;
}

/** What a path matched: the operation and the labels in the path, decoded. */
export interface Match {
  readonly operation: ApiOperation;
  readonly labels: Readonly<Record<string, string>>;
}

function routeOf(operation: ApiOperation): Route[] {
  if (operation.http === undefined) return [];
  const [method, uri] = operation.http;
  const [path = '', query = ''] = uri.split('?');
  const literals = [...new URLSearchParams(query)];
  const id = literals.find(([name]) => name === 'x-id')?.[1];
  return [{ operation, method, segments: split(path), query: literals.filter(([name]) => name !== 'x-id'), id }];
}

const split = (path: string): string[] => path.split('/').slice(1);

/**
 * Finds the operation of a REST request. `container` is the label that stands before the paths of the schemas, as the
 * bucket of path-style S3 requests does.
 */
export class Router {
  readonly #routes: readonly Route[];
  readonly #container: string | undefined;

  constructor(api: Api, container?: string) {
    this.#routes = [...api.operations.values()].flatMap(routeOf);
    this.#container = container;
  }

  match(request: WireRequest): Match | undefined {
    const container = this.#container;
    if (container === undefined) return this.#best(request, split(request.path), {}, () => true);
    const [bucket = '', ...rest] = split(request.path);
    const inContainer = ({ operation: { input } }: Route): boolean =>
      membersOf(input).some(([name]) => name === container);
    if (bucket === '') return this.#best(request, [''], {}, (route) => !inContainer(route));
    const labels = { [container]: decode(bucket) };
    return this.#best(request, rest.length === 0 ? [''] : rest, labels, inContainer);
  }

  /** Of the routes that fit, the one that asks for most. */
  #best(
    request: WireRequest,
    path: readonly string[],
    given: Match['labels'],
    fits: (route: Route) => boolean,
  ): Match | undefined {
    let best: { readonly match: Match; readonly score: number } | undefined;
    for (const route of this.#routes) {
      if (route.method !== request.method || !fits(route)) continue;
      const labels = labelsOf(route.segments, path);
      const score = labels === undefined ? undefined : scoreOf(route, request, given);
      if (labels === undefined || score === undefined || (best !== undefined && best.score >= score)) continue;
      best = { match: { operation: route.operation, labels: { ...given, ...labels } }, score };
    }
    return best?.match;
  }
}

function labelsOf(segments: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const greedy = segment.endsWith('+}');
    const part = greedy ? path.slice(index).join('/') : path[index];
    if (part === undefined) return undefined;
    if (!segment.startsWith('{')) {
      if (segment !== part) return undefined;
      continue;
    }
    if (part === '') return undefined;
    labels[segment.slice(1, greedy ? -2 : -1)] = decode(part);
    if (greedy) return labels;
  }
  return segments.length === path.length ? labels : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** How much of the request a route accounts for; undefined where the request lacks what the route asks for. */
function scoreOf({ operation, query, id }: Route, request: WireRequest, given: Match['labels']): number | undefined {
  const named = request.query.get('x-id');
  if (named !== null && id !== undefined && named !== id) return undefined;
  const literal = query.every(
    ([name, value]) => request.query.has(name) && (value === '' || request.query.get(name) === value),
  );
  const members = new Map(membersOf(operation.input));
  const bound = requiredMembers(operation.input)
    .filter((name) => !(name in given))
    .flatMap((name) => {
      const { httpQuery, httpHeader } = traitsOf(members.get(name) ?? operation.input);
      if (httpQuery !== undefined) return [request.query.has(httpQuery)];
      return httpHeader === undefined ? [] : [header(request, httpHeader) !== undefined];
    });
  if (!literal || bound.includes(false)) return undefined;
  return 2 * query.length + 2 * bound.length + (named !== null && named === id ? 1 : 0);
}
