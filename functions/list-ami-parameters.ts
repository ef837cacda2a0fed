import * as z from './lib/zod.ts';
import { ssmClient } from './lib/clients.ts';
import { listPolicies } from './lib/rollout/policies.ts';
import { Execution } from './lib/schemas/common.ts';
import { ParameterName } from './lib/schemas/rollout-policy.ts';
import { task } from './lib/task.ts';

const ssm = ssmClient();

export const Input = z.strictObject({ execution: Execution });
export const Output = z.strictObject({ status: z.literal('Listed'), parameters: z.array(ParameterName) });

/** Lists the AMI parameters that are followed. Source: SSM GetParametersByPath. */
export const handler = task({ input: Input, output: Output, target: () => 'all' }, async () => ({
  status: 'Listed' as const,
  parameters: (await listPolicies(ssm)).map(({ parameter }) => parameter),
}));
