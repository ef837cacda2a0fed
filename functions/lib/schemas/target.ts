import * as z from '../zod.ts';
import { InstanceId, SsmDocument } from './common.ts';

/** A validated request: what `validate-target` hands to the rest of `run-command`. Empty text means left out. */
export const ValidatedTarget = z.strictObject({
  instanceId: InstanceId,
  ssmDocument: SsmDocument,
  commands: z.array(z.string()).check(z.minLength(1)),
  workingDirectory: z.string(),
  timeoutSeconds: z.int(),
  comment: z.string(),
});
export type ValidatedTarget = z.infer<typeof ValidatedTarget>;
