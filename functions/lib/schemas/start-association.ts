import * as z from '../zod.ts';

const MIN_TIMEOUT_SECONDS = 30;
const MAX_TIMEOUT_SECONDS = 48 * 3600;
const DEFAULT_TIMEOUT_SECONDS = 3600;

/** Id of a State Manager association, as SSM takes it. */
export const AssociationId = z
  .string()
  .check(
    z.regex(
      /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/,
      'must be the id of an association such as 6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
    ),
  );

/** The input document of `start-association`. */
export const StartAssociationRequest = z.strictObject({
  associationId: AssociationId.check(z.describe('The State Manager association to run once on all of its targets.')),
  timeoutSeconds: z._default(
    z
      .int()
      .check(
        z.minimum(MIN_TIMEOUT_SECONDS),
        z.maximum(MAX_TIMEOUT_SECONDS),
        z.describe(
          'Seconds from starting to done. An association that has been started cannot be cancelled; it goes on.',
        ),
      ),
    DEFAULT_TIMEOUT_SECONDS,
  ),
});
export type StartAssociationRequest = z.infer<typeof StartAssociationRequest>;

/** One target of an association's execution, in Systems Manager's words. */
export const AssociationTarget = z.strictObject({
  resourceId: z.string().check(z.describe('The instance.')),
  resourceType: z.string().check(z.describe('What kind of target it is, such as ManagedInstance.')),
  status: z.string().check(z.describe('How the association ended on it, such as Success, Failed or TimedOut.')),
  detailedStatus: z.string().check(z.describe("The same in Systems Manager's finer terms.")),
});
export type AssociationTarget = z.infer<typeof AssociationTarget>;

/** How many targets are in which status. */
export const ResourceCounts = z.record(z.string(), z.int());
export type ResourceCounts = z.infer<typeof ResourceCounts>;

/** An execution of an association that has ended. */
export const AssociationOutcome = z.strictObject({
  executionId: z.string().check(z.describe('The id of the execution in Systems Manager.')),
  status: z.string().check(z.describe('How the execution ended: Success, Failed or TimedOut.')),
  resourceCountByStatus: ResourceCounts.check(z.describe('How many targets ended with which status.')),
  targetCount: z.int().check(z.describe('How many targets the execution had.')),
  targets: z
    .array(AssociationTarget)
    .check(z.describe('At most 100 of them; those that did not succeed come first, then by id.')),
  warnings: z.array(z.string()),
});
export type AssociationOutcome = z.infer<typeof AssociationOutcome>;

/** What StartAssociationsOnce answered, for audits; null where the answer was lost and the execution found. */
export const StartResponse = z.nullable(
  z.strictObject({
    httpStatusCode: z.int().check(z.describe('The HTTP status of the answer.')),
    requestId: z.string().check(z.describe('The id of the request, as CloudTrail has it.')),
  }),
);

/** The output document of `start-association`. */
export const StartAssociationResult = z.extend(AssociationOutcome, {
  started: z.literal(true).check(z.describe('That it was started; one that was not is an execution that failed.')),
  associationId: AssociationId.check(z.describe('The association that was started.')),
  warnings: z
    .array(z.string())
    .check(z.describe('What went wrong beside the association, such as a lock not released.')),
  response: StartResponse.check(z.describe("Systems Manager's answer to the start, with the id of the request.")),
});
