import * as z from 'zod';
import { AwsError } from '../../core/aws-error.ts';
import { provisioner, type Provisioners } from '../../core/resources.ts';
import type { Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { Document, Tags } from '../iam/policy-schema.ts';
import { LogGroups, metricFilter, type LogEvent, type MetricValue } from './log-groups.ts';
import { logOperations } from './operations.ts';

export interface Logs {
  readonly service: Service;
  readonly resources: Provisioners;
  /** Writes lines now, into a group and a stream that are created when they are missing; for World.log. */
  write(group: string, stream: string, lines: readonly string[]): void;
  /** Every event of a group, by time. @throws AwsError ResourceNotFoundException */
  events(group: string): readonly LogEvent[];
  /** What the metric filters took from the events, in the order of writing. */
  metricValues(): readonly MetricValue[];
}

const GroupProperties = z.strictObject({
  LogGroupName: z.string().optional(),
  LogGroupClass: z.enum(['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY']).optional(),
  RetentionInDays: z.coerce.number().optional(),
  KmsKeyId: z.string().optional(),
  Tags: Tags.optional(),
});

const StreamProperties = z.strictObject({ LogGroupName: z.string(), LogStreamName: z.string().optional() });

const Dimension = z.strictObject({ Key: z.string(), Value: z.string() });
const Transformation = z.strictObject({
  MetricName: z.string(),
  MetricNamespace: z.string(),
  MetricValue: z.string(),
  DefaultValue: z.number().optional(),
  Unit: z.string().optional(),
  Dimensions: z.array(Dimension).optional(),
});
const MetricFilterProperties = z.strictObject({
  FilterName: z.string().optional(),
  FilterPattern: z.string(),
  LogGroupName: z.string(),
  MetricTransformations: z.tuple([Transformation]),
});

const QueryProperties = z.strictObject({
  Name: z.string(),
  QueryString: z.string(),
  LogGroupNames: z.array(z.string()).optional(),
});

const ResourcePolicyProperties = z.strictObject({
  PolicyName: z.string(),
  PolicyDocument: z.string().transform((text, context) => {
    try {
      return Document.parse(JSON.parse(text));
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'not a policy' });
      return z.NEVER;
    }
  }),
});

/**
 * Amazon CloudWatch Logs: groups, streams, events, filter patterns. Metric filters are counted, but there is no CloudWatch
 * behind them; saved queries are kept and cannot be run.
 */
export function createLogs(world: World): Logs {
  const groups = new LogGroups(world);
  return {
    service: { id: 'logs', operations: logOperations(world, groups) },
    resources: logResources(world, groups),
    write: (groupName, streamName, lines) => {
      const group = groups.find(groupName) ?? groups.create(groupName);
      const stream = group.streams.get(streamName) ?? groups.createStream(group, streamName);
      const timestamp = world.clock.now();
      groups.append(
        group,
        stream,
        lines.map((message) => ({ timestamp, message })),
      );
    },
    events: (groupName) => {
      const group = groups.get(groupName);
      const events = [...group.streams.values()].flatMap((stream) => groups.events(group, stream));
      return events.sort((a, b) => a.timestamp - b.timestamp);
    },
    metricValues: () => groups.metricValues,
  };
}

function logResources(world: World, groups: LogGroups): Provisioners {
  return {
    'AWS::Logs::LogGroup': provisioner(GroupProperties, (properties, context) => {
      const { LogGroupName: name = context.physicalName(512), LogGroupClass, RetentionInDays, KmsKeyId } = properties;
      const group = groups.create(name, {
        logGroupClass: LogGroupClass,
        retentionInDays: RetentionInDays,
        kmsKeyId: KmsKeyId,
      });
      return { ref: name, attributes: { Arn: `${group.arn}:*` } };
    }),
    'AWS::Logs::LogStream': provisioner(StreamProperties, ({ LogGroupName, LogStreamName }, context) => {
      const { name } = groups.createStream(groups.get(LogGroupName), LogStreamName ?? context.physicalName(512));
      return { ref: name, attributes: {} };
    }),
    'AWS::Logs::MetricFilter': provisioner(MetricFilterProperties, (properties, context) => {
      const { FilterName: name = context.physicalName(512), FilterPattern: pattern, LogGroupName } = properties;
      const [{ MetricNamespace: namespace, MetricName: metric, MetricValue: value }] = properties.MetricTransformations;
      groups.get(LogGroupName).metricFilters.set(name, metricFilter({ name, pattern, namespace, metric, value }));
      return { ref: name, attributes: {} };
    }),
    'AWS::Logs::QueryDefinition': provisioner(QueryProperties, ({ LogGroupNames = [] }) => {
      for (const name of LogGroupNames) groups.get(name);
      const QueryDefinitionId = world.random.uuid();
      return { ref: QueryDefinitionId, attributes: { QueryDefinitionId } };
    }),
    'AWS::Logs::ResourcePolicy': provisioner(ResourcePolicyProperties, ({ PolicyName, PolicyDocument }) => {
      if (PolicyDocument.Statement.some(({ Principal }) => Principal === undefined)) {
        throw new AwsError('InvalidParameterException', 'Policy document is malformed');
      }
      world.resourcePolicies.attach(`arn:aws:logs:${world.region}:${world.account}`, PolicyDocument);
      return { ref: PolicyName, attributes: {} };
    }),
  };
}
