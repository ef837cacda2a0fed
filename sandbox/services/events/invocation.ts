import type { Caller } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { Iam } from '../iam/index.ts';
import type { Event } from './event.ts';
import type { Rule, RuleTarget } from './rules.ts';

export type Assume = Iam['assume'];

const PRINCIPAL = 'events.amazonaws.com';
const lastPart = (arn: string, separator: string): string => arn.slice(arn.lastIndexOf(separator) + 1);

/** The role of the target assumed for its rule, or the service itself where a resource policy decides. */
export function callerFor(assume: Assume, rule: Rule, roleArn: string | undefined): Caller {
  const service: Caller = { kind: 'service', arn: PRINCIPAL, sourceArn: rule.arn };
  return roleArn === undefined ? service : assume(roleArn, PRINCIPAL, { sourceArn: rule.arn });
}

/** Hands the text to the target once; rejects with what the target's service answers. */
export async function invoke(
  world: World,
  caller: Caller,
  { arn }: RuleTarget,
  event: Event,
  text: string,
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
      // Another name in every attempt: what is delivered twice starts twice, as on AWS.
      const name = `${event.id}_${random.uuid()}`;
      await dispatcher.call(caller, 'states', 'StartExecution', { stateMachineArn: arn, name, input: text });
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

export const queueUrl = ({ region, account }: World, arn: string): string =>
  `https://sqs.${region}.amazonaws.com/${account}/${lastPart(arn, ':')}`;
