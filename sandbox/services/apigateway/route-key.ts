import { badRequest } from './errors.ts';

/** A route key as it matches: `METHOD /path` with `{name}` for one segment and `{name+}` for all that follow. */
export interface RouteKey {
  /** As the template writes it. */
  readonly text: string;
  /** `ANY` fits every method; absent for `$default`, which fits every request. */
  readonly method?: string;
  readonly segments: readonly string[];
}

const METHODS = new Set(['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);
const SEGMENT = /^(\{[\w.:-]+\+?\}|[\w.:-]+)$/;

const isGreedy = (segment: string): boolean => segment.endsWith('+}');
const nameOf = (segment: string): string | undefined => /^\{(.+?)\+?\}$/.exec(segment)?.[1];
export const segmentsOf = (path: string): readonly string[] => path.split('/').slice(1);

/** @throws AwsError BadRequestException */
export function parseRouteKey(text: string): RouteKey {
  if (text === '$default') return { text, segments: [] };
  const [, method = '', path = ''] = /^(\S+) (\/\S*)$/.exec(text) ?? [];
  const segments = segmentsOf(path);
  const wellFormed = path === '/' || (segments.length > 0 && segments.every((segment) => SEGMENT.test(segment)));
  if (!METHODS.has(method) || !wellFormed || segments.slice(0, -1).some(isGreedy))
    throw badRequest(
      `The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default": ${text}`,
    );
  const names = segments.map(nameOf).filter((name) => name !== undefined);
  if (new Set(names).size < names.length) throw badRequest(`The route key ${text} names a path parameter twice`);
  return { text, method, segments };
}

/** What the path's parameters are where the key fits a request; undefined where it does not. */
export function matchRoute(key: RouteKey, method: string, path: string): Record<string, string> | undefined {
  if (key.method === undefined) return {};
  if (key.method !== 'ANY' && key.method !== method) return undefined;
  const parts = segmentsOf(path);
  const parameters: Record<string, string> = {};
  for (const [index, segment] of key.segments.entries()) {
    const name = nameOf(segment);
    const part = isGreedy(segment) ? parts.slice(index).join('/') : parts[index];
    if (name === undefined ? part !== segment : part === undefined || part === '') return undefined;
    if (name !== undefined) parameters[name] = part ?? '';
    if (isGreedy(segment)) return parameters;
  }
  return parts.length === key.segments.length ? parameters : undefined;
}

const last = (key: RouteKey): string => key.segments.at(-1) ?? '';
const rank = (segment: string | undefined): number => {
  if (segment === undefined || isGreedy(segment)) return 0;
  return nameOf(segment) === undefined ? 2 : 1;
};

/**
 * Orders keys so that the first to fit is the one that API Gateway chooses: full matches before greedy ones before
 * `$default`; text before parameters, from left to right; a method before ANY.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation
 */
export function compareRouteKeys(a: RouteKey, b: RouteKey): number {
  const wide = (key: RouteKey): number => (key.method === undefined ? 2 : isGreedy(last(key)) ? 1 : 0);
  if (wide(a) !== wide(b)) return wide(a) - wide(b);
  for (let index = 0; index < Math.max(a.segments.length, b.segments.length); index++) {
    const difference = rank(b.segments[index]) - rank(a.segments[index]);
    if (difference !== 0) return difference;
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}
