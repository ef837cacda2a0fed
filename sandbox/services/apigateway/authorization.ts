import type { IncomingHttpHeaders } from 'node:http';

/** A request that matched a route of an HTTP API, as its authorizer sees it. */
export interface GatewayRequest {
  readonly apiId: string;
  readonly stage: string;
  /** As the API writes it: `POST /executions/{id}/stop`, or `$default`. */
  readonly routeKey: string;
  /** `arn:aws:execute-api:REGION:ACCOUNT:APIID/STAGE/METHOD/path`, the path decoded and without its first slash. */
  readonly routeArn: string;
  readonly requestId: string;
  /** When it came in: milliseconds since the epoch, by the world's clock. */
  readonly time: number;
  readonly sourceIp: string;
  /** Host name that the API has on AWS: `APIID.execute-api.REGION.amazonaws.com`. */
  readonly domainName: string;
  readonly method: string;
  /** As sent: still percent-encoded, with the stage where the client named it, without the query. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  /** As Node gives them: names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as sent: a signature covers each value of a repeated header by itself. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** What the route's `{…}` matched, decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly stageVariables: Readonly<Record<string, string>>;
}

/** The route's integration may be called. */
export interface Authorized {
  readonly allowed: true;
  /** What `requestContext.authorizer` holds: `{ iam: {…} }`, `{ jwt: { claims, scopes } }` or `{ lambda: {…} }`. */
  readonly authorizer: Readonly<Record<string, unknown>> | undefined;
  /** Who calls, for the access log: the ARN of an IAM caller, `iss|sub` of a token, empty for everybody. */
  readonly principal: string;
}

/** API Gateway answers by itself: `{"message": message}` with this status. */
export interface Refused {
  readonly allowed: false;
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Why, as `$context.authorizer.error` of the access log has it; never told to the client. */
  readonly errorType?: string;
}

/** Decides about requests of one route. Rejects only for a gap or a mistake in the sandbox. */
export type Authorize = (request: GatewayRequest) => Promise<Authorized | Refused>;

/** An authorizer of an API, and what it remembers. One for all routes that name it, as its cache is. */
export interface Authorizer {
  readonly type: 'JWT' | 'REQUEST';
  /** For a route that asks for these scopes (of a token; a Lambda authorizer knows none). */
  forRoute(scopes: readonly string[]): Authorize;
}

/** `AuthorizationType` and `AuthorizationScopes` of a route, with the authorizer that its `AuthorizerId` names. */
export interface RouteAuthorization {
  readonly type: 'NONE' | 'AWS_IAM' | 'JWT' | 'CUSTOM';
  readonly scopes?: readonly string[];
  readonly authorizer?: Authorizer | undefined;
}

/** Made by `createAuthorizers` (authorizers/index.ts) from the world, the access keys, IAM and the local JWKS. */
export interface Authorizers<Properties> {
  /** @throws AwsError BadRequestException for properties that do not go together, NotImplemented for what is not modelled */
  create(properties: Properties, authorizerId: string): Authorizer;
  /** @throws AwsError BadRequestException where the authorizer is missing or of another type */
  ofRoute(authorization: RouteAuthorization): Authorize;
}
