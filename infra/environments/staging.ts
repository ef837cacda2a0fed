import type { ConfigInput } from '../config.ts';

/** As production, but what it keeps it keeps for a month. */
export const staging: ConfigInput = {
  logRetentionDays: 30,
  outputRetentionDays: 30,
};
