import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { AwsError } from '../../core/aws-error.ts';

/** A message as it was published; the time in epoch milliseconds. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly topicArn: string;
  readonly at: number;
  readonly message: string;
  readonly subject: string | undefined;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  /** By protocol, where MessageStructure is `json`; `default` is `message`. */
  readonly byProtocol: Readonly<Record<string, string>>;
}

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly raw: boolean;
}

export interface Topic {
  readonly arn: string;
  readonly name: string;
  displayName: string;
  kmsKey: string | undefined;
  readonly subscriptions: Subscription[];
  readonly messages: PublishedMessage[];
}

const LONGEST = 262_144;
const invalid = (reason: string): AwsError => new AwsError('InvalidParameter', `Invalid parameter: ${reason}`);

/** The protocols that reach something in the sandbox, and those that are only recorded. */
export const DELIVERED = ['sqs', 'lambda'];
export const RECORDED = ['email', 'email-json', 'http', 'https'];

/** @throws AwsError InvalidParameter in the words of Publish */
export function checkMessage(message: string, subject: string | undefined): void {
  if (message === '') throw invalid('Empty message');
  if (Buffer.byteLength(message) > LONGEST) throw invalid('Message too long');
  if (subject !== undefined && !/^[!-~][ -~]{0,99}$/u.test(subject)) throw invalid('Subject');
}

/** Reads the texts per protocol of a message with `MessageStructure: json`. @throws AwsError InvalidParameter */
export function readStructure(message: string): Readonly<Record<string, string>> {
  let texts: unknown;
  try {
    texts = JSON.parse(message);
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  const entries = Object.entries(typeof texts === 'object' && texts !== null ? texts : {});
  const strings = Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  if (strings['default'] === undefined) throw invalid('Message Structure - No default entry in JSON message body');
  return strings;
}

const attributesOf = (attributes: PublishedMessage['attributes']) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: StringValue ?? Buffer.from(BinaryValue ?? []).toString('base64') },
    ]),
  );

/** The document that a subscriber gets unless it asked for the raw message. The sandbox signs nothing. */
export function envelope(published: PublishedMessage, { arn, protocol }: Subscription): Record<string, unknown> {
  const region = arn.split(':')[3] ?? '';
  return {
    Type: 'Notification',
    MessageId: published.messageId,
    TopicArn: published.topicArn,
    ...(published.subject !== undefined && { Subject: published.subject }),
    Message: published.byProtocol[protocol] ?? published.message,
    Timestamp: new Date(published.at).toISOString(),
    SignatureVersion: '1',
    Signature: 'unsigned',
    SigningCertURL: `https://sns.${region}.amazonaws.com/SimpleNotificationService.pem`,
    UnsubscribeURL: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`,
    ...(Object.keys(published.attributes).length > 0 && { MessageAttributes: attributesOf(published.attributes) }),
  };
}

/** The event that a function gets for one message. */
export function lambdaEvent(published: PublishedMessage, subscription: Subscription): Record<string, unknown> {
  const { SigningCertURL, UnsubscribeURL, ...shared } = envelope(published, subscription);
  const Sns = {
    ...shared,
    Subject: published.subject ?? null,
    SigningCertUrl: SigningCertURL,
    UnsubscribeUrl: UnsubscribeURL,
    MessageAttributes: attributesOf(published.attributes),
  };
  return { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: subscription.arn, Sns }] };
}
