import * as z from './lib/zod.ts';
import { ssmClient } from './lib/clients.ts';
import { historyOf, imageIdIn, readParameter } from './lib/rollout/parameter.ts';
import { readPolicy } from './lib/rollout/policies.ts';
import { AmiRolloutRequest, Trigger } from './lib/schemas/ami-rollout.ts';
import { Rollout } from './lib/schemas/ami-rollout-run.ts';
import { Execution } from './lib/schemas/common.ts';
import { task } from './lib/task.ts';

const ssm = ssmClient();

/** Written by whoever starts the runbook: the API, or follow-ami-parameter. */
const Metadata = z.looseObject({ trigger: z.optional(Trigger), requestedBy: z.optional(z.string()) });

export const Input = z.strictObject({
  execution: Execution,
  request: AmiRolloutRequest,
  metadata: z.nullable(Metadata),
});
export const Output = z.strictObject({ status: z.literal('Read'), rollout: Rollout });

/**
 * Reads an AMI parameter as it is now, with who wrote it and the policy of its rollouts. Throws InvalidRequest for one
 * that is not followed, ParameterNotFound, and AmiNotUsable for a value that is no AMI id. Source: SSM GetParameter,
 * GetParameterHistory.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ request }) => request.parameter },
  async ({ request: { parameter, dryRun, retry }, metadata }) => {
    const policy = await readPolicy(ssm, parameter);
    const found = await readParameter(ssm, parameter);
    const imageId = imageIdIn(found);
    const version = (await historyOf(ssm, parameter)).find(({ Version }) => Version === found.state.version);
    const requestedBy = [metadata?.requestedBy, version?.LastModifiedUser].filter((who) => who !== undefined);
    const trigger = metadata?.trigger ?? 'request';
    const asked = { trigger, dryRun, retry, requestedBy: [...new Set(requestedBy)] };
    return { status: 'Read' as const, rollout: { ...found.state, imageId, ...asked, policy } };
  },
);
