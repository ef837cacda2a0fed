import * as z from 'zod';
import { provisioner, type Provisioners } from '../../core/resources.ts';
import type { Service } from '../../core/service.ts';
import type { BusEvent, World } from '../../core/world.ts';
import { FaultPlan } from '../../faults/fault-plan.ts';
import type { Iam } from '../iam/index.ts';
import { Tags } from '../iam/policy-schema.ts';
import { Deliveries, type DeliveryOptions, type LostEvent } from './delivery.ts';
import { FaultyDelivery } from './delivery-faults.ts';
import { envelope, type Event } from './event.ts';
import { enabledBy, eventOperations } from './operations.ts';
import { Rules, type Rule } from './rules.ts';

export interface Events {
  readonly service: Service;
  readonly resources: Provisioners;
  /** Puts an event of an AWS service on the default bus; for World.emit. */
  emit(event: BusEvent): void;
  /** Events that reached neither a target nor a dead-letter queue. */
  lost(): readonly LostEvent[];
}

export interface EventsOptions {
  readonly iam: Pick<Iam, 'assume'>;
  readonly delivery?: DeliveryOptions;
  /** What goes wrong with single events; nothing unless told. */
  readonly faults?: FaultPlan;
}

const Target = z.strictObject({
  Id: z.string().min(1).max(64),
  Arn: z.string(),
  RoleArn: z.string().optional(),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .strictObject({ InputPathsMap: z.record(z.string(), z.string()).optional(), InputTemplate: z.string() })
    .optional(),
  RetryPolicy: z
    .strictObject({ MaximumRetryAttempts: z.number().optional(), MaximumEventAgeInSeconds: z.number().optional() })
    .optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
});

const RuleProperties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().max(512).optional(),
  EventBusName: z.string().optional(),
  EventPattern: z.record(z.string(), z.unknown()).optional(),
  ScheduleExpression: z.string().optional(),
  State: z.string().optional(),
  Targets: z.array(Target).default([]),
  Tags: Tags.optional(),
});

const BusProperties = z.strictObject({ Name: z.string(), Description: z.string().optional(), Tags: Tags.optional() });

/**
 * Amazon EventBridge: buses, rules by pattern and by schedule, delivery at least once. Archives, replays, API
 * destinations, pipes and other accounts' buses are not modelled.
 */
export function createEvents(world: World, { iam, delivery = {}, faults = new FaultPlan() }: EventsOptions): Events {
  const deliveries = new Deliveries(world, iam.assume, delivery);
  const faulty = new FaultyDelivery(world, faults);
  const timers = new Map<string, () => void>();

  const route = (taking: readonly Rule[], event: Event): void => {
    const rulesWithTargets = taking.filter(({ targets }) => targets.size > 0);
    if (rulesWithTargets.length > 0) faulty.send(event, (ended) => deliveries.start(rulesWithTargets, event, ended));
  };

  const arm = (rule: Rule): void => {
    const at = rule.schedule?.(world.clock.now());
    if (at === undefined) return;
    const fire = (): void => {
      arm(rule);
      route(
        [rule],
        envelope(world, { source: 'aws.events', 'detail-type': 'Scheduled Event', resources: [rule.arn], detail: {} }),
      );
    };
    timers.set(rule.arn, world.clock.recur(at, fire));
  };

  const rules = new Rules(world, (arn, rule) => {
    timers.get(arn)?.();
    timers.delete(arn);
    if (rule?.definition.enabled === true) arm(rule);
  });

  const put = (bus: string, given: BusEvent, time?: Date): string => {
    const event = envelope(world, given, time);
    const taking = [...rules.on(bus).values()].filter(
      ({ definition, pattern }) => definition.enabled && pattern?.(event) === true,
    );
    route(taking, event);
    return event.id;
  };

  return {
    service: { id: 'events', operations: eventOperations(world, rules, put) },
    resources: eventResources(world, rules),
    emit: (event) => {
      put('default', event);
    },
    lost: () => deliveries.lost,
  };
}

function eventResources(world: World, rules: Rules): Provisioners {
  return {
    'AWS::Events::Rule': provisioner(RuleProperties, (properties, context) => {
      const { Name: name = context.physicalName(64), EventPattern, ScheduleExpression, State, Targets } = properties;
      const rule = rules.put(
        {
          name,
          eventPattern: EventPattern && JSON.stringify(EventPattern),
          scheduleExpression: ScheduleExpression,
          enabled: enabledBy(State),
          description: properties.Description,
        },
        properties.EventBusName,
      );
      for (const target of Targets) rules.addTarget(rule, target);
      return { ref: rule.bus === 'default' ? name : `${rule.bus}|${name}`, attributes: { Arn: rule.arn } };
    }),
    'AWS::Events::EventBus': provisioner(BusProperties, ({ Name }) => {
      rules.addBus(Name);
      const Arn = `arn:aws:events:${world.region}:${world.account}:event-bus/${Name}`;
      return { ref: Name, attributes: { Arn, Name } };
    }),
  };
}
