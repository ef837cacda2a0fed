import type { Random } from '../../core/random.ts';
import type { World } from '../../core/world.ts';
import { guard } from '../../wire/guard.ts';
import { finished, gatewayAnswer, type ApiAnswer } from './answer.ts';
import type { GatewayRequest } from './authorization.ts';
import { lambdaEvent } from './event.ts';
import type { Exchange } from './exchange.ts';
import type { HttpApi, Route } from './http-api.ts';
import { integrate } from './integration.ts';
import { decodePath, type ApiRequest } from './request.ts';
import type { Stage } from './stage.ts';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
export const LARGEST_PAYLOAD = 10 * 2 ** 20;
const LARGEST_HEAD = 10_240;

/** What of an exchange is known once its stage is. */
type Begun = Omit<Exchange, 'answer' | 'endedAt'>;
type Outcome = Pick<Exchange, 'answer' | 'error' | 'routeKey' | 'authorization' | 'integrated'>;

const refusal = (status: number, error: string, known: Partial<Outcome> = {}): Outcome => ({
  ...known,
  error,
  answer: gatewayAnswer(status, error),
});

interface Options {
  readonly world: World;
  readonly api: HttpApi;
  /** For the ids of requests. */
  readonly random: Random;
  /** Of the listener, for `x-forwarded-port`. */
  readonly port: () => number;
}

/** Answers the requests of one API, however they came in: stage, route, authorizer, throttle, function, access log. */
export class Gateway {
  readonly #given: Options;

  constructor(options: Options) {
    this.#given = options;
  }

  /** Rejects only for a gap or a mistake in the sandbox. */
  async answer(request: ApiRequest): Promise<ApiAnswer> {
    const { method } = request;
    const foreign = guard(request);
    if (foreign !== undefined) return finished(method, { ...foreign, body: Buffer.from(foreign.body) });
    const requestId = this.#requestId();
    const { headers, ...answer } = await this.#answer(request, requestId);
    return finished(method, { ...answer, headers: { ...headers, 'apigw-requestid': requestId } });
  }

  async #answer(request: ApiRequest, requestId: string): Promise<ApiAnswer> {
    if (request.headSize > LARGEST_HEAD) return gatewayAnswer(431, 'Request Header Fields Too Large');
    if (request.oversized || request.body.length > LARGEST_PAYLOAD)
      return gatewayAnswer(413, 'Request Entity Too Large');
    const { world, api } = this.#given;
    const rawPath = decodePath(request.path);
    if (rawPath === undefined) return gatewayAnswer(400, 'Bad Request');
    const found = api.stageOf(rawPath);
    if (found === undefined) return gatewayAnswer(404, 'Not Found'); // and no line in any log
    const exchange: Begun = {
      accountId: world.account,
      apiId: api.id,
      domainName: `${api.id}.execute-api.${world.region}.amazonaws.com`,
      stage: found.stage.name,
      request,
      requestId,
      path: rawPath,
      startedAt: world.clock.now(),
    };
    const outcome = await this.#route(exchange, found.stage, found.path);
    const done = { ...exchange, ...outcome, answer: outcome.answer, endedAt: world.clock.now() };
    found.stage.log(done);
    return done.answer;
  }

  async #route(exchange: Begun, stage: Stage, path: string): Promise<Outcome> {
    const match = this.#given.api.routeOf(exchange.request.method, path);
    if (match === undefined) return refusal(404, 'Not Found');
    const { route, parameters } = match;
    const routeKey = route.key.text;
    const authorization = await route.authorize(this.#gatewayRequest(exchange, stage, path, routeKey, parameters));
    const known = { routeKey, authorization };
    if (!authorization.allowed) {
      const { status, message, headers } = authorization;
      return { ...known, error: message, answer: gatewayAnswer(status, message, headers) };
    }
    if (!stage.throttles.admit(routeKey)) return refusal(429, 'Too Many Requests', known);
    const { world, random } = this.#given;
    const event = lambdaEvent(this.#forwarded(exchange), {
      ...exchange,
      routeKey,
      stageVariables: stage.variables,
      pathParameters: parameters,
      time: exchange.startedAt,
      rawPath: exchange.path,
      authorizer: authorization.authorizer,
    });
    const sourceArn = this.#arn(stage, routeSource(route, exchange.request.method));
    const { integration } = route;
    return { ...known, ...(await integrate({ world, integration, sourceArn, requestId: random.uuid(), event })) };
  }

  #gatewayRequest(
    { apiId, domainName, requestId, startedAt, request }: Begun,
    stage: Stage,
    path: string,
    routeKey: string,
    pathParameters: Readonly<Record<string, string>>,
  ): GatewayRequest {
    const { headers, rawHeaders, body, method, query, sourceIp } = request;
    return {
      ...{ apiId, domainName, requestId, routeKey, pathParameters },
      ...{ method, query, headers, rawHeaders, body, sourceIp },
      stage: stage.name,
      stageVariables: stage.variables,
      routeArn: this.#arn(stage, `${method}${path}`),
      time: startedAt,
      path: request.path,
    };
  }

  #arn(stage: Stage, rest: string): string {
    const { world, api } = this.#given;
    return `arn:aws:execute-api:${world.region}:${world.account}:${api.id}/${stage.name}/${rest}`;
  }

  /** The request with the headers that API Gateway adds on the way. */
  #forwarded({ request, startedAt }: Begun): ApiRequest {
    const { random, port } = this.#given;
    const { 'x-forwarded-for': before } = request.headers;
    const headers = {
      ...(request.body.length > 0 && { 'content-length': String(request.body.length) }),
      'x-amzn-trace-id': `Root=1-${Math.floor(startedAt / 1000).toString(16)}-${random.hex(24)}`,
      ...request.headers,
      'x-forwarded-for': before === undefined ? request.sourceIp : `${before}, ${request.sourceIp}`,
      'x-forwarded-port': String(port()),
      'x-forwarded-proto': 'http',
    };
    return { ...request, headers };
  }

  /** As AWS's look: 15 characters and an equals sign. */
  #requestId(): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    return `${Array.from({ length: 15 }, () => alphabet.charAt(this.#given.random.below(alphabet.length))).join('')}=`;
  }
}

/** The part of the source ARN that names the route. Permissions name a path as the route writes it, `{id}` included. */
const routeSource = ({ key }: Route, method: string): string =>
  key.method === undefined ? key.text : `${method}/${key.segments.join('/')}`;
