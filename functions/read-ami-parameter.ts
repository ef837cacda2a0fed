import * as z from './lib/zod.ts';
import { ssmClient } from './lib/clients.ts';
import { UnexpectedResult } from './lib/errors.ts';
import { historyOf, imageIdIn, readParameter, type FoundParameter } from './lib/rollout/parameter.ts';
import { readPolicy } from './lib/rollout/policies.ts';
import { orderOf } from './lib/rollout/rollout-table.ts';
import { AmiRolloutRequest, Trigger } from './lib/schemas/ami-rollout.ts';
import { Rollout } from './lib/schemas/ami-rollout-run.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { task } from './lib/task.ts';

const ssm = ssmClient();

/** Written by whoever starts the runbook: the API, or follow-ami-parameter. */
const Metadata = z.looseObject({
  trigger: z.optional(Trigger),
  requestedBy: z.optional(z.string()),
  /** What the parameter was when the execution was started. */
  version: z.optional(z.int()),
  lastModified: z.optional(Timestamp),
});

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
    requireCurrent(found, metadata);
    const imageId = imageIdIn(found);
    const version = (await historyOf(ssm, parameter)).find(({ Version }) => Version === found.state.version);
    const requestedBy = [metadata?.requestedBy, version?.LastModifiedUser].filter((who) => who !== undefined);
    const trigger = metadata?.trigger ?? 'request';
    const asked = { trigger, dryRun, retry, requestedBy: [...new Set(requestedBy)] };
    return { status: 'Read' as const, rollout: { ...found.state, imageId, ...asked, policy } };
  },
);

/** A read may still show the version before: taken for the one that is meant, that would be missed. It is read again. */
function requireCurrent({ state }: FoundParameter, metadata: z.infer<typeof Metadata> | null): void {
  const { version, lastModified } = metadata ?? {};
  if (version === undefined || lastModified === undefined) return;
  if (orderOf(state) < orderOf({ parameter: state.parameter, version, lastModified }))
    throw new UnexpectedResult(
      `${state.parameter} was at version ${version} when this began, and was read as version ${state.version} now.`,
    );
}
