import type { ConfigInput } from '../config.ts';

/** For trying things out: verbose, short-lived, and gone when its stacks are deleted. Its API can be measured. */
export const dev: ConfigInput = {
  amiParameters: [
    {
      parameter: '/ami/linux/test',
      selector: { tags: { 'fleetwright:ami': 'linux-test' } },
      waves: { bakeSeconds: 60 },
    },
  ],
  api: { throttle: { rateLimit: 1000, burstLimit: 2000 } },
  logLevel: 'DEBUG',
  logRetentionDays: 7,
  notifyOnSuccess: true,
  outputRetentionDays: 7,
  retainData: false,
};
