import type * as events from '@aws-sdk/client-eventbridge';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { operation, type Permission, type Service } from '../../core/service.ts';
import type { BusEvent, World } from '../../core/world.ts';
import { isRecord } from './content-filter.ts';
import { parsePattern } from './pattern.ts';
import { busName, type Rule, type Rules } from './rules.ts';

/** Puts an event on a bus; returns its id. */
export type Put = (bus: string, event: BusEvent, time?: Date) => string;

const RULE_MEMBERS = ['Name', 'EventPattern', 'ScheduleExpression', 'State', 'Description', 'Tags', 'EventBusName'];
const MOST_ENTRIES = 10;
const LARGEST_REQUEST = 262_144;

/** The operations on rules and events of one account. Source: Amazon EventBridge API Reference. */
export function eventOperations(world: World, rules: Rules, put: Put): Service['operations'] {
  const on = (
    action: string,
    name: string | undefined,
    bus: string | undefined,
    context?: Permission['context'],
  ): Permission => ({
    action: `events:${action}`,
    resource: rules.arnOf(name, bus),
    ...(context && { context }),
  });
  const busArn = (bus = 'default'): string =>
    `arn:aws:events:${world.region}:${world.account}:event-bus/${busName(bus)}`;

  return {
    PutEvents: operation<events.PutEventsCommandInput, events.PutEventsCommandOutput>(
      ({ Entries = [] }) => Entries.map((entry) => putPermission(busArn(entry.EventBusName), entry)),
      (input) => {
        only('events:PutEvents', input, ['Entries']);
        const { Entries = [] } = input;
        checkEntries(Entries);
        const results = Entries.map((entry) => {
          const refused = refusal(entry);
          return refused ?? { EventId: put(entry.EventBusName ?? 'default', eventOf(entry), entry.Time) };
        });
        return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
      },
    ),
    PutRule: operation<events.PutRuleCommandInput, events.PutRuleCommandOutput>(
      ({ Name, EventBusName }) => [on('PutRule', Name, EventBusName)],
      (input) => {
        only('events:PutRule', input, RULE_MEMBERS);
        const { Name: name = '', EventPattern: eventPattern, ScheduleExpression: scheduleExpression } = input;
        const { Description: description, EventBusName, State } = input;
        const enabled = enabledBy(State);
        return {
          RuleArn: rules.put({ name, eventPattern, scheduleExpression, enabled, description }, EventBusName).arn,
        };
      },
    ),
    DeleteRule: operation<events.DeleteRuleCommandInput, events.DeleteRuleCommandOutput>(
      ({ Name, EventBusName }) => [on('DeleteRule', Name, EventBusName)],
      ({ Name, EventBusName }) => {
        rules.delete(Name, EventBusName);
        return {};
      },
    ),
    DescribeRule: operation<events.DescribeRuleCommandInput, events.DescribeRuleCommandOutput>(
      ({ Name, EventBusName }) => [on('DescribeRule', Name, EventBusName)],
      ({ Name, EventBusName }) => ({ ...described(rules.get(Name, EventBusName)), CreatedBy: world.account }),
    ),
    EnableRule: operation<events.EnableRuleCommandInput, events.EnableRuleCommandOutput>(
      ({ Name, EventBusName }) => [on('EnableRule', Name, EventBusName)],
      ({ Name, EventBusName }) => {
        rules.enable(Name, EventBusName, true);
        return {};
      },
    ),
    DisableRule: operation<events.DisableRuleCommandInput, events.DisableRuleCommandOutput>(
      ({ Name, EventBusName }) => [on('DisableRule', Name, EventBusName)],
      ({ Name, EventBusName }) => {
        rules.enable(Name, EventBusName, false);
        return {};
      },
    ),
    ListRules: operation<events.ListRulesCommandInput, events.ListRulesCommandOutput>(
      () => [{ action: 'events:ListRules', resource: '*' }],
      (input) => {
        only('events:ListRules', input, ['NamePrefix', 'EventBusName']);
        const { NamePrefix = '', EventBusName } = input;
        const found = [...rules.on(EventBusName).values()].filter(({ definition: { name } }) =>
          name.startsWith(NamePrefix),
        );
        return { Rules: found.map(described) };
      },
    ),
    PutTargets: operation<events.PutTargetsCommandInput, events.PutTargetsCommandOutput>(
      ({ Rule: name, EventBusName, Targets = [] }) => [
        on('PutTargets', name, EventBusName, { 'events:TargetArn': Targets.map(({ Arn = '' }) => Arn) }),
        ...Targets.flatMap(({ RoleArn }) => passRole(RoleArn)),
      ],
      ({ Rule: name, EventBusName, Targets = [] }) => {
        const rule = rules.get(name, EventBusName);
        for (const target of Targets) rules.addTarget(rule, target);
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    ),
    RemoveTargets: operation<events.RemoveTargetsCommandInput, events.RemoveTargetsCommandOutput>(
      ({ Rule: name, EventBusName }) => [on('RemoveTargets', name, EventBusName)],
      ({ Rule: name, EventBusName, Ids = [] }) => {
        const { targets } = rules.get(name, EventBusName);
        for (const id of Ids) targets.delete(id);
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    ),
    ListTargetsByRule: operation<events.ListTargetsByRuleCommandInput, events.ListTargetsByRuleCommandOutput>(
      ({ Rule: name, EventBusName }) => [on('ListTargetsByRule', name, EventBusName)],
      (input) => {
        only('events:ListTargetsByRule', input, ['Rule', 'EventBusName']);
        const { targets } = rules.get(input.Rule, input.EventBusName);
        return { Targets: [...targets.values()].map(({ definition }) => definition) };
      },
    ),
    TestEventPattern: operation<events.TestEventPatternCommandInput, events.TestEventPatternCommandOutput>(
      () => [{ action: 'events:TestEventPattern', resource: '*' }],
      ({ EventPattern = '', Event = '' }) => ({ Result: parsePattern(EventPattern)(parseEvent(Event)) }),
    ),
  };
}

const passRole = (roleArn: string | undefined): Permission[] =>
  roleArn === undefined
    ? []
    : [{ action: 'iam:PassRole', resource: roleArn, context: { 'iam:PassedToService': 'events.amazonaws.com' } }];

const putPermission = (resource: string, { Source, DetailType }: events.PutEventsRequestEntry): Permission => ({
  action: 'events:PutEvents',
  resource,
  context: {
    ...(Source !== undefined && { 'events:source': Source }),
    ...(DetailType !== undefined && { 'events:detail-type': DetailType }),
  },
});

export function enabledBy(state: string | undefined): boolean {
  if (state !== undefined && state !== 'ENABLED' && state !== 'DISABLED')
    throw notImplemented(`the rule state ${state}`);
  return state !== 'DISABLED';
}

function described({ arn, bus, definition }: Rule): events.Rule {
  return {
    Name: definition.name,
    Arn: arn,
    EventPattern: definition.eventPattern,
    ScheduleExpression: definition.scheduleExpression,
    State: definition.enabled ? 'ENABLED' : 'DISABLED',
    Description: definition.description,
    EventBusName: bus,
  };
}

function checkEntries(entries: readonly events.PutEventsRequestEntry[]): void {
  if (entries.length < 1 || entries.length > MOST_ENTRIES) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${entries.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${MOST_ENTRIES}`}`,
    );
  }
  for (const entry of entries)
    only('events:PutEvents', entry, ['Time', 'Source', 'Resources', 'DetailType', 'Detail', 'EventBusName']);
  const size = entries.reduce((sum, { Source, DetailType, Detail, Resources = [] }) => {
    const texts = [Source, DetailType, Detail, ...Resources];
    return sum + texts.reduce((bytes, text) => bytes + Buffer.byteLength(text ?? ''), 0);
  }, 0);
  if (size > LARGEST_REQUEST) {
    throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
  }
}

/** Why one entry is not taken, while the others are. */
function refusal({
  Source = '',
  DetailType = '',
  Detail = '',
}: events.PutEventsRequestEntry): events.PutEventsResultEntry | undefined {
  const missing = Object.entries({ Source, DetailType, Detail }).find(([, value]) => value === '');
  if (missing !== undefined) {
    const [name] = missing;
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
    };
  }
  if (Source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  return detailOf(Detail) === undefined
    ? { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
    : undefined;
}

function detailOf(text: string): Record<string, unknown> | undefined {
  try {
    const detail: unknown = JSON.parse(text);
    return isRecord(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

const eventOf = ({
  Source = '',
  DetailType = '',
  Detail = '',
  Resources = [],
}: events.PutEventsRequestEntry): BusEvent => ({
  source: Source,
  'detail-type': DetailType,
  detail: detailOf(Detail) ?? {},
  resources: Resources,
});

const REQUIRED = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

function parseEvent(text: string): unknown {
  const event = detailOf(text);
  if (event === undefined) throw new AwsError('ValidationException', 'Parameter Event is not valid.');
  if (REQUIRED.every((name) => name in event)) return event;
  throw new AwsError(
    'ValidationException',
    `Parameter Event is not valid. Reason: the following fields are required: ${REQUIRED.filter((name) => !(name in event)).join(', ')}.`,
  );
}
