import type { Caller } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { Iam } from '../iam/index.ts';
import type { Rule } from './rules.ts';

export type Assume = Iam['assume'];

const PRINCIPAL = 'events.amazonaws.com';
const lastPart = (arn: string, separator: string): string => arn.slice(arn.lastIndexOf(separator) + 1);

/** The role of the target assumed for its rule, or the service itself where a resource policy decides. */
export function callerFor(assume: Assume, rule: Rule, roleArn: string | undefined): Caller {
  const service: Caller = { kind: 'service', arn: PRINCIPAL, sourceArn: rule.arn };
  return roleArn === undefined ? service : assume(roleArn, PRINCIPAL, { sourceArn: rule.arn });
}

/** Hands the text to a target once; rejects with what the target's service answers. */
export async function invoke(
  world: World,
  caller: Caller,
  { arn, text, executionName }: { readonly arn: string; readonly text: string; readonly executionName?: () => string },
): Promise<void> {
  const { dispatcher, random, clock } = world;
  switch (arn.split(':')[2]) {
    case 'lambda':
      await dispatcher.call(caller, 'lambda', 'Invoke', {
        FunctionName: arn,
        InvocationType: 'Event',
        Payload: Buffer.from(text),
      });
      return;
    case 'states': {
      const named = executionName === undefined ? {} : { name: executionName() };
      await dispatcher.call(caller, 'states', 'StartExecution', { stateMachineArn: arn, input: text, ...named });
      return;
    }
    case 'sns':
      await dispatcher.call(caller, 'sns', 'Publish', { TopicArn: arn, Message: text });
      return;
    case 'sqs':
      await dispatcher.call(caller, 'sqs', 'SendMessage', { QueueUrl: queueUrl(world, arn), MessageBody: text });
      return;
    default: {
      const logGroupName = arn.split(':')[6];
      const logStreamName = random.uuid();
      await dispatcher.call(caller, 'logs', 'CreateLogStream', { logGroupName, logStreamName });
      const logEvents = [{ timestamp: clock.now(), message: text }];
      await dispatcher.call(caller, 'logs', 'PutLogEvents', { logGroupName, logStreamName, logEvents });
    }
  }
}

const queueUrl = ({ region, account }: World, arn: string): string =>
  `https://sqs.${region}.amazonaws.com/${account}/${lastPart(arn, ':')}`;

/** Sends what could not be delivered to a dead-letter queue, with what is known about it as attributes. */
export async function sendDeadLetter(
  world: World,
  caller: Caller,
  queue: string,
  { body, attributes }: { readonly body: string; readonly attributes: Readonly<Record<string, string | undefined>> },
): Promise<void> {
  const known = Object.entries(attributes).filter(([, value]) => value !== undefined);
  await world.dispatcher.call(caller, 'sqs', 'SendMessage', {
    QueueUrl: queueUrl(world, queue),
    MessageBody: body,
    MessageAttributes: Object.fromEntries(
      known.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    ),
  });
}
