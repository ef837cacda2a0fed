import * as z from './lib/zod.ts';
import { allowedTargets } from './lib/associations/gate.ts';
import { describeAssociation } from './lib/associations/resolve-targets.ts';
import { ec2Client, ssmClient } from './lib/clients.ts';
import { Execution, InstanceId } from './lib/schemas/common.ts';
import { MOST_LOCKS } from './lib/schemas/lock.ts';
import { AssociationId, StartAssociationRequest } from './lib/schemas/start-association.ts';
import { task } from './lib/task.ts';

const clients = { ec2: ec2Client(), ssm: ssmClient() };

export const Input = z.strictObject({ execution: Execution, request: StartAssociationRequest });
/** `locks` are in sorted order, in batches that one call takes. */
export const Output = z.strictObject({
  associationId: AssociationId,
  timeoutSeconds: z.int(),
  instanceIds: z.array(InstanceId),
  locks: z.array(z.array(z.string()).check(z.minLength(1), z.maxLength(MOST_LOCKS))).check(z.minLength(1)),
});

/**
 * Says whether an association may be started: all of its targets must be allowed. Throws InvalidRequest, AssociationNotFound,
 * TargetNotAllowed and ExclusionsUnreadable. Source: SSM DescribeAssociation, DescribeInstanceInformation, GetParameter, EC2
 * DescribeInstances.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ request }) => request.associationId },
  async ({ request: { associationId, timeoutSeconds } }) => {
    const instanceIds = await allowedTargets(clients, await describeAssociation(clients.ssm, associationId));
    const targets = [`association/${associationId}`, ...instanceIds.map((id) => `instance/${id}`)];
    const locks = Array.from({ length: Math.ceil(targets.length / MOST_LOCKS) }, (_, index) =>
      targets.slice(index * MOST_LOCKS, (index + 1) * MOST_LOCKS),
    );
    return { associationId, timeoutSeconds, instanceIds, locks };
  },
);
