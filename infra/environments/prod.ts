import type { ConfigInput } from '../config.ts';

/** Keeps logs and outputs for a year, because that is how far back an audit asks. */
export const prod: ConfigInput = {
  logRetentionDays: 365,
  outputRetentionDays: 365,
};
