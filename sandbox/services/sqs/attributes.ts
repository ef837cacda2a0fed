import * as z from 'zod';
import { AwsError } from '../../core/aws-error.ts';

const RedrivePolicy = z.strictObject({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.coerce.number().int().min(1).max(1000),
});

const seconds = (least: number, most: number, usual: number) =>
  z.coerce.number().int().min(least).max(most).default(usual);
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]);
const json = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value), schema);

/** The settings of a queue, as a template or CreateQueue gives them; limits as SetQueueAttributes documents them. */
export const QueueAttributes = z.strictObject({
  DelaySeconds: seconds(0, 900, 0),
  MaximumMessageSize: seconds(1024, 1_048_576, 1_048_576),
  MessageRetentionPeriod: seconds(60, 1_209_600, 345_600),
  ReceiveMessageWaitTimeSeconds: seconds(0, 20, 0),
  VisibilityTimeout: seconds(0, 43_200, 30),
  KmsMasterKeyId: z.string().optional(),
  KmsDataKeyReusePeriodSeconds: seconds(60, 86_400, 300),
  SqsManagedSseEnabled: flag.default(true),
  RedrivePolicy: json(RedrivePolicy).optional(),
  RedriveAllowPolicy: json(z.record(z.string(), z.unknown())).optional(),
});
export type QueueAttributes = z.infer<typeof QueueAttributes>;

/** @throws AwsError InvalidAttributeName, InvalidAttributeValue */
export function parseAttributes(given: Readonly<Record<string, unknown>>): QueueAttributes {
  const unknown = Object.keys(given).find((name) => !(name in QueueAttributes.shape));
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  const parsed = QueueAttributes.safeParse(given);
  if (parsed.success) return parsed.data;
  const name = String(parsed.error.issues[0]?.path[0]);
  throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
}

/** As GetQueueAttributes spells them. */
export function spelled(attributes: QueueAttributes): Record<string, string> {
  const { KmsDataKeyReusePeriodSeconds, ...others } = attributes;
  const shown: Record<string, unknown> =
    others.KmsMasterKeyId === undefined ? others : { ...others, KmsDataKeyReusePeriodSeconds };
  return Object.fromEntries(
    Object.entries(shown)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
