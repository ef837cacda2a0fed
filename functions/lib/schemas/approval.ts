import * as z from '../zod.ts';
import { Timestamp } from './common.ts';
import { ImageId } from './refresh-asg.ts';
import { ParameterName } from './rollout-policy.ts';

const LONGEST_COMMENT = 1000;

export const ApprovalId = z.string().check(z.regex(/^[0-9a-f]{32}$/));

const Decision = z.enum(['approve', 'refuse']);
const Comment = z.string().check(z.minLength(1), z.maxLength(LONGEST_COMMENT));

/** What an approver sends. */
export const ApprovalRequest = z.strictObject({
  decision: Decision.check(z.describe('Whether the rollout may begin.')),
  comment: z.optional(Comment.check(z.describe('Why; kept with the decision, and the cause of a refused rollout.'))),
});

/** What was decided about a rollout. */
export const ApprovalDocument = z.strictObject({
  approvalId: z.string().check(z.describe('The id of the approval.')),
  executionId: z.string().check(z.describe('The execution that waited for it.')),
  parameter: ParameterName.check(z.describe('The AMI parameter.')),
  version: z.int().check(z.describe('The version of it that is rolled out.')),
  imageId: ImageId.check(z.describe('Its value.')),
  decision: Decision.check(z.describe('What was decided.')),
  decidedAt: Timestamp.check(z.describe('When.')),
  comment: z.optional(z.string().check(z.describe('Why, if whoever decided said so.'))),
});
export type ApprovalDocument = z.infer<typeof ApprovalDocument>;
