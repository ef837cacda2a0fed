import { CATALOGUE } from '../catalogue/commands.ts';
import { asRequested } from '../catalogue/requested.ts';
import * as z from '../zod.ts';
import { CommandOutcome } from './command-outcome.ts';
import { commandFields } from './command-request.ts';
import { InstanceId } from './common.ts';

/** The input document of `run-command`. `commands` are the lines of one script; without them, the default diagnostics run. */
export const RunCommandRequest = z
  .strictObject({
    instanceId: InstanceId.check(z.describe('The EC2 instance to work on.')),
    ...commandFields('Seconds from sending to done; then the command is cancelled.'),
  })
  .check(asRequested(CATALOGUE));
export type RunCommandRequest = z.infer<typeof RunCommandRequest>;

/** The output document of `run-command`. */
export const RunCommandResult = z.extend(CommandOutcome, {
  bucket: z.optional(z.string().check(z.describe('The S3 bucket that holds all of the output.'))),
  keyPrefix: z.optional(z.string().check(z.describe('What the keys of the output begin with.'))),
  warnings: z
    .array(z.string())
    .check(z.describe('What went wrong beside the command, such as an output not uploaded.')),
});
