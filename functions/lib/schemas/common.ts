import * as z from '../zod.ts';

/** EC2 instance id: 8 hexadecimal digits of the old kind, 17 of the new. */
export const InstanceId = z
  .string()
  .check(z.regex(/^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/, 'must be an EC2 instance id such as i-0123456789abcdef0'));

/** ISO 8601 in UTC, as the ASL context object gives times. */
export const Timestamp = z.iso.datetime();

/** Which execution a function works for; every Task hands it down. */
export const Execution = z.strictObject({
  arn: z.string().check(z.minLength(1)),
  name: z.string().check(z.minLength(1)),
  runbook: z.string().check(z.minLength(1)),
  /** The id of the API request that asked for the execution. */
  correlationId: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
});
export type Execution = z.infer<typeof Execution>;

/** Documents of SSM that run text as it is given. */
export const SsmDocument = z.enum(['AWS-RunShellScript', 'AWS-RunPowerShellScript']);
export type SsmDocument = z.infer<typeof SsmDocument>;
