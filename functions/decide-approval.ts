import { SendTaskFailureCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import * as z from './lib/zod.ts';
import { jsonAnswer, type HttpAnswer } from './lib/api/answer.ts';
import { api } from './lib/api/api.ts';
import { ApiError } from './lib/api/errors.ts';
import { dynamoDbClient, sfnClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { Approvals, type Approval, type Decision } from './lib/rollout/approvals.ts';
import { isOver } from './lib/rollout/end-waiting.ts';
import { RolloutTable } from './lib/rollout/rollout-table.ts';
import { executionId } from './lib/rows.ts';
import { ApprovalDocument, ApprovalId, ApprovalRequest } from './lib/schemas/approval.ts';
import { keyHolder } from './lib/start/identity.ts';
import { parseRequest } from './lib/start/request.ts';

const { ROLLOUT_TABLE } = readEnv({ ROLLOUT_TABLE: z.string().check(z.minLength(1)) });
const [dynamoDb, sfn] = [dynamoDbClient(), sfnClient()];
const approvals = new Approvals(dynamoDb, ROLLOUT_TABLE);
const table = new RolloutTable(dynamoDb, ROLLOUT_TABLE);

/** A rollout that has asked for an approval waits for it after so many seconds. */
const RETRY_AFTER = '2';

/**
 * Approves or refuses a rollout that waits for it, once, and by somebody who did not want it. Asked again by the same for
 * the same, it answers the same, and wakes a rollout that was not woken. Source: Step Functions SendTaskSuccess, SendTaskFailure.
 */
export const handler = api({ body: true }, async (request) => {
  const asked = ApprovalRequest.parse(parseRequest({ request: ApprovalRequest }, request.body ?? {}));
  const approval = await find(request.parameters['id']);
  const decidedBy = keyHolder(request.caller());
  if (approval.requestedBy.some((who) => keyHolder(who) === decidedBy)) throw notByRequester();
  const mine: Decision = { ...asked, decidedBy, decidedAt: request.requestedAt };
  const decided = approval.decision === undefined ? await decide(approval, mine) : approval;
  if (decided.decidedBy !== mine.decidedBy || decided.decision !== mine.decision) throw decidedBefore(decided);
  await wake(decided);
  return answerOf(decided);
});

async function find(id: string | undefined): Promise<Approval> {
  const approvalId = ApprovalId.safeParse(id);
  const approval = approvalId.success ? await approvals.read(approvalId.data) : undefined;
  if (approval !== undefined) return approval;
  throw new ApiError(
    'ApprovalNotFound',
    'No rollout has asked for an approval of this id; the notification has the id.',
  );
}

/** A decision that nobody would learn of is not written down. */
async function decide(approval: Approval, mine: Decision): Promise<Approval> {
  const { approvalId, executionArn, deadline } = approval;
  if (deadline <= mine.decidedAt)
    throw new ApiError('ApprovalExpired', `It could be approved until ${deadline}; start the rollout again.`);
  const waiting = await table.waitingOf(executionArn);
  if (waiting?.approvalId !== approvalId) throw notWaiting();
  return (await approvals.decide(approvalId, mine)) ?? approval;
}

/** Hands the decision to the rollout, unless that has it already or its wait was ended otherwise. */
async function wake({ approvalId, executionArn, decision, decidedBy, decidedAt, comment }: Approval): Promise<void> {
  const waiting = await table.waitingOf(executionArn);
  if (waiting?.approvalId !== approvalId) return;
  const { token: taskToken } = waiting;
  const output = JSON.stringify({ decision, by: decidedBy, at: decidedAt });
  const cause = `Refused at ${decidedAt ?? ''}${comment === undefined ? '' : `: ${comment}`}`;
  const woken =
    decision === 'approve'
      ? sfn.send(new SendTaskSuccessCommand({ taskToken, output }))
      : sfn.send(new SendTaskFailureCommand({ taskToken, error: 'ApprovalRefused', cause }));
  await woken.catch((error: unknown) => {
    if (!isOver(error)) throw error;
  });
}

const notByRequester = (): ApiError =>
  new ApiError(
    'ApproverNotAllowed',
    'Whoever wanted a rollout, or wrote the AMI into its parameter, does not decide about it.',
  );

const decidedBefore = ({ decision, decidedAt }: Approval): ApiError =>
  new ApiError('ApprovalDecided', `Somebody decided at ${decidedAt ?? ''}: ${decision ?? ''}.`);

const notWaiting = (): ApiError =>
  new ApiError(
    'ApprovalClosed',
    'The rollout does not wait for it: it begins to in a moment, or a newer version or a request to stop has ended it.',
    { headers: { 'retry-after': RETRY_AFTER } },
  );

function answerOf({ approvalId, executionArn, parameter, version, imageId, ...rest }: Approval): HttpAnswer {
  const { decision = 'refuse', decidedAt = '', comment } = rest;
  const document: ApprovalDocument = {
    ...{ approvalId, executionId: executionId('ami-rollout', executionArn), parameter, version, imageId },
    ...{ decision, decidedAt, ...(comment !== undefined && { comment }) },
  };
  return jsonAnswer(200, ApprovalDocument, document);
}
