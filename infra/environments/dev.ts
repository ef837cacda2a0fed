import type { ConfigInput } from '../config.ts';

/** For trying things out: verbose, short-lived, and gone when its stacks are deleted. */
export const dev: ConfigInput = {
  logLevel: 'DEBUG',
  logRetentionDays: 7,
  notifyOnSuccess: true,
  outputRetentionDays: 7,
  retainData: false,
};
