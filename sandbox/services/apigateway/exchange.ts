import type { ApiAnswer } from './answer.ts';
import type { Authorized, Refused } from './authorization.ts';
import type { ApiRequest } from './request.ts';

/** What came of calling the integration; times in milliseconds. */
export interface Integrated {
  readonly requestId: string;
  readonly latency: number;
  /** HTTP status that Lambda itself answered with; absent where it did not answer in time. */
  readonly lambdaStatus?: number;
  /** `statusCode` of what the function answered. */
  readonly status?: number;
  readonly error?: string;
}

/** One request and what came of it, as far as it got; from it the access log is written. */
export interface Exchange {
  readonly accountId: string;
  readonly apiId: string;
  readonly domainName: string;
  readonly stage: string;
  readonly request: ApiRequest;
  readonly requestId: string;
  /** Decoded, with the stage where the client named it. */
  readonly path: string;
  readonly startedAt: number;
  readonly routeKey?: string;
  readonly authorization?: Authorized | Refused;
  readonly integrated?: Integrated;
  /** What API Gateway says itself; absent where the function answered. */
  readonly error?: string;
  readonly answer: ApiAnswer;
  readonly endedAt: number;
}
