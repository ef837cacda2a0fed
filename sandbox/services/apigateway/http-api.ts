import type { Authorize, Authorizer } from './authorization.ts';
import { badRequest, conflict } from './errors.ts';
import { compareRouteKeys, matchRoute, segmentsOf, type RouteKey } from './route-key.ts';
import type { Stage } from './stage.ts';

/** A Lambda proxy integration. */
export interface Integration {
  readonly functionArn: string;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface Route {
  readonly key: RouteKey;
  readonly integration: Integration;
  readonly authorize: Authorize;
}

/** A route that fits a request. */
interface RouteMatch {
  readonly route: Route;
  /** Decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

const DEFAULT_STAGE = '$default';

/** One HTTP API: what its template made of it. */
export class HttpApi {
  readonly id: string;
  readonly integrations = new Map<string, Integration>();
  readonly authorizers = new Map<string, Authorizer>();
  readonly #stages = new Map<string, Stage>();
  #routes: readonly Route[] = [];

  constructor(id: string) {
    this.id = id;
  }

  /** @throws AwsError ConflictException */
  addStage(stage: Stage): void {
    if (this.#stages.has(stage.name)) throw conflict(`Stage already exists: ${stage.name}`);
    this.#stages.set(stage.name, stage);
  }

  /** @throws AwsError ConflictException */
  addRoute(route: Route): void {
    const { text } = route.key;
    if (this.#routes.some(({ key }) => key.text === text))
      throw conflict(`Route with key ${text} already exists for this API`);
    this.#routes = [...this.#routes, route].sort((a, b) => compareRouteKeys(a.key, b.key));
  }

  /** Checks what can be checked only when all of the template stands. @throws AwsError BadRequestException */
  check(): void {
    for (const { name, settings } of this.#stages.values())
      for (const key of settings)
        if (!this.#routes.some((route) => route.key.text === key))
          throw badRequest(`Unable to find Route by key ${key} within the provided RouteSettings (stage ${name})`);
  }

  /** The stage that a decoded path names first, or else `$default`, with the path as its routes see it. */
  stageOf(path: string): { readonly stage: Stage; readonly path: string } | undefined {
    const [first = '', ...rest] = segmentsOf(path);
    const named = first === DEFAULT_STAGE ? undefined : this.#stages.get(first);
    if (named !== undefined) return { stage: named, path: `/${rest.join('/')}` };
    const stage = this.#stages.get(DEFAULT_STAGE);
    return stage && { stage, path };
  }

  routeOf(method: string, path: string): RouteMatch | undefined {
    for (const route of this.#routes) {
      const parameters = matchRoute(route.key, method, path);
      if (parameters !== undefined) return { route, parameters };
    }
    return undefined;
  }
}
