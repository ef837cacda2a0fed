import { SSMServiceException, StartAssociationsOnceCommand } from '@aws-sdk/client-ssm';
import * as z from './lib/zod.ts';
import { allowedTargets, notAllowed } from './lib/associations/gate.ts';
import { describeAssociation } from './lib/associations/resolve-targets.ts';
import { ec2Client, ssmClient, ssmClientWithoutRetry } from './lib/clients.ts';
import { AssociationNotFound, AssociationRefused, AssociationThrottled } from './lib/errors.ts';
import { isRefusal } from './lib/refusal.ts';
import { Execution, InstanceId } from './lib/schemas/common.ts';
import { AssociationId, StartResponse } from './lib/schemas/start-association.ts';
import { task } from './lib/task.ts';

const clients = { ec2: ec2Client(), ssm: ssmClient() };
const starter = ssmClientWithoutRetry();

/** `find` starts nothing: an earlier attempt may have. `instanceIds` are those that are locked. */
export const Input = z.strictObject({
  execution: Execution,
  action: z.enum(['start', 'find']),
  associationId: AssociationId,
  instanceIds: z.array(InstanceId),
});
type Input = z.infer<typeof Input>;

/** `response` is null where it is not known whether the association was started. */
export const Output = z.strictObject({ status: z.literal('Asked'), response: StartResponse });
type Output = z.infer<typeof Output>;

/**
 * Starts an association once, on the targets that were validated and locked and no others. StartAssociationsOnce takes no
 * token, so it is attempted once. Throws, with nothing started, TargetNotAllowed, AssociationNotFound, AssociationRefused,
 * AssociationThrottled, AccessDenied, ExclusionsUnreadable. Source: SSM StartAssociationsOnce.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ associationId }) => associationId },
  async (input) => {
    if (input.action === 'find') return { status: 'Asked', response: null } satisfies Output;
    await recheck(input);
    return { status: 'Asked', response: await start(input.associationId) } satisfies Output;
  },
);

/** Tags, exclusions and targets may have changed since they were validated. */
async function recheck({ associationId, instanceIds }: Input): Promise<void> {
  const association = await describeAssociation(clients.ssm, associationId);
  const locked = new Set(instanceIds);
  const added = (await allowedTargets(clients, association)).filter((id) => !locked.has(id));
  if (added.length > 0)
    throw notAllowed(
      association,
      added.map((id) => `${id} has become a target just now`),
    );
}

async function start(associationId: string): Promise<Output['response']> {
  try {
    const { $metadata } = await starter.send(new StartAssociationsOnceCommand({ AssociationIds: [associationId] }));
    const { httpStatusCode = 200, requestId = 'unknown' } = $metadata;
    return { httpStatusCode, requestId };
  } catch (error) {
    if (!isRefusal(error)) return null;
    throw refusal(error, associationId);
  }
}

function refusal(error: SSMServiceException, associationId: string): Error {
  const { requestId = 'unknown' } = error.$metadata;
  if (error.name === 'AccessDeniedException') return error;
  if (error.name === 'AssociationDoesNotExist')
    return new AssociationNotFound(`Association ${associationId} was deleted before it could be started`);
  if (/Throttl|TooManyRequests|RequestLimitExceeded/.test(error.name))
    return new AssociationThrottled('SSM throttled StartAssociationsOnce');
  return new AssociationRefused(
    `SSM refused StartAssociationsOnce with ${error.name} (request ${requestId}): ${error.message}`,
  );
}
