import * as z from '../zod.ts';
import { InstanceId } from './common.ts';

/** What is known of a command that ran, whatever it came to. */
export const CommandOutcome = z.strictObject({
  status: z
    .enum(['Success', 'Failed', 'Cancelled'])
    .check(z.describe('How the command ended. Failed: it ran, and its exit code is not 0.')),
  statusDetails: z.string().check(z.describe("The same in Systems Manager's finer terms.")),
  exitCode: z.int().check(z.describe('-1 where the command was cancelled before its process ended.')),
  stdout: z.string().check(z.describe('The first 24,000 characters.')),
  stderr: z.string().check(z.describe('The first 8,000 characters.')),
  stdoutTruncated: z.boolean().check(z.describe('Whether there was more than stdout holds.')),
  commandId: z.uuid().check(z.describe('The id of the command in Systems Manager.')),
  instanceId: InstanceId.check(z.describe('The EC2 instance that ran the command.')),
});
export type CommandOutcome = z.infer<typeof CommandOutcome>;
