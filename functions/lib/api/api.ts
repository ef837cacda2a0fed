import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import httpHeaderNormalizer from '@middy/http-header-normalizer';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { Context } from 'aws-lambda';
import { errorAnswer, type HttpAnswer } from './answer.ts';
import { bodyRefusal, bodyText, documentOf } from './body.ts';
import { ApiError } from './errors.ts';
import { callerOf, HttpEvent } from './event.ts';

const logger = new Logger();

/** What a route's function is told of a request. */
export interface ApiRequest {
  readonly requestId: string;
  /** When the gateway received it, ISO 8601. */
  readonly requestedAt: string;
  readonly path: string;
  /** In lower case; of a repeated header the values, joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly parameters: Readonly<Record<string, string | undefined>>;
  /** The JSON object that was sent; undefined for a route without a body. */
  readonly body: object | undefined;
  /** Throws where nobody can be told. */
  readonly caller: () => string;
  /** Milliseconds until Lambda ends the function. */
  readonly remainingMilliseconds: () => number;
  /** Logs what failed on the way to an answer that is still right. */
  readonly warn: (message: string, error: unknown) => void;
}

interface Route {
  /** Whether the route takes a JSON body. */
  readonly body: boolean;
  /** What answers a direct invocation, which has no request around its document; without it, direct invocations are refused. */
  readonly direct?: (document: unknown, context: Context) => Promise<unknown>;
}

/**
 * Makes the handler of an API route: header and body parsing, answers and problem documents, and a log under the gateway's
 * request id. What the log holds is route and status, never a body.
 */
export function api(
  { body, direct }: Route,
  decide: (request: ApiRequest) => Promise<HttpAnswer>,
): (event: unknown, context: Context) => Promise<unknown> {
  const routed = middy<unknown, HttpAnswer>({ timeoutEarlyInMillis: 0 }).use(observed()).use(httpHeaderNormalizer());
  if (body) routed.use(checkedBody()).use(httpJsonBodyParser() as middy.MiddlewareObj<unknown, HttpAnswer>);
  const handler = routed.handler((event, context) => decide(requestOf(event, context, body)));
  return (event, context) => {
    if (isHttp(event)) return handler(event, context);
    if (direct === undefined) throw new Error('this function answers the HTTP API; invoked directly it has no request');
    return direct(event, context);
  };
}

const isHttp = (event: unknown): event is object =>
  typeof event === 'object' && event !== null && 'requestContext' in event && 'routeKey' in event;

function requestOf(event: unknown, context: Context, hasBody: boolean): ApiRequest {
  const parsedBody = (event as { readonly body?: unknown }).body;
  const http = HttpEvent.parse({ ...(event as object), body: undefined });
  return {
    requestId: http.requestContext.requestId,
    requestedAt: new Date(http.requestContext.timeEpoch).toISOString(),
    path: http.rawPath,
    headers: http.headers,
    query: http.queryStringParameters,
    parameters: http.pathParameters,
    body: hasBody ? documentOf(parsedBody) : undefined,
    caller: () => callerOf(http),
    remainingMilliseconds: () => context.getRemainingTimeInMillis(),
    warn: (message, error) => {
      const { name, message: reason } = error instanceof Error ? error : new Error(String(error));
      logger.warn(message, { error: name, reason });
    },
  };
}

/** Puts the body's text in the place of its bytes, checked, for the parser that comes next. */
function checkedBody(): middy.MiddlewareObj<unknown, HttpAnswer> {
  return {
    before: ({ event }) => {
      const http = event as { body?: string; isBase64Encoded: boolean };
      http.body = bodyText(http);
      http.isBase64Encoded = false;
    },
  };
}

function observed(): middy.MiddlewareObj<unknown, HttpAnswer> {
  return {
    before: ({ event, context }) => {
      const { requestContext, routeKey } = HttpEvent.parse(event);
      logger.addContext(context);
      logger.setCorrelationId(requestContext.requestId);
      logger.appendKeys({ route: routeKey });
    },
    after: ({ response }) => {
      logger.info('answered', { status: response?.statusCode });
      logger.resetKeys();
    },
    onError: (request) => {
      const { requestContext, rawPath } = HttpEvent.parse({ ...(request.event as object), body: undefined });
      const error = bodyRefusal(request.error) ?? request.error;
      const answer = errorAnswer(error, { instance: rawPath, requestId: requestContext.requestId });
      if (error instanceof ApiError && answer.statusCode < 500) {
        logger.info('refused', { status: answer.statusCode, error: error.name });
      } else {
        logger.error('failed', { status: answer.statusCode, error: error?.name, reason: error?.message });
      }
      logger.resetKeys();
      request.response = answer;
    },
  };
}
