import * as z from '../zod.ts';
import { InstanceId } from './common.ts';

/** What is known of a command that ran, whatever it came to. */
export const CommandOutcome = z.strictObject({
  status: z.enum(['Success', 'Failed', 'Cancelled']),
  statusDetails: z.string(),
  /** -1 where the command was cancelled before its process ended. */
  exitCode: z.int(),
  /** At most 24,000 characters. */
  stdout: z.string(),
  /** At most 8,000 characters. */
  stderr: z.string(),
  stdoutTruncated: z.boolean(),
  commandId: z.uuid(),
  instanceId: InstanceId,
});
export type CommandOutcome = z.infer<typeof CommandOutcome>;
