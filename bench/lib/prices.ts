/**
 * What AWS asks in us-east-1, in dollars, without free tiers and at the first tier of use. Source: the price pages of
 * Step Functions (Standard workflows, per state transition, retries included) and of Lambda (arm64, per GB-second of
 * billed duration, and per request).
 */
export const PRICES = {
  transition: 0.025 / 1_000,
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1_000_000,
} as const;

/** What functions come to. */
export const lambdaDollars = (gbSeconds: number, requests: number): number =>
  gbSeconds * PRICES.lambdaGbSecond + requests * PRICES.lambdaRequest;
