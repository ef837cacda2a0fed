import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from './lib/zod.ts';
import { dynamoDbClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { Execution } from './lib/schemas/common.ts';
import { DriftReport } from './lib/schemas/check-drift.ts';
import { task } from './lib/task.ts';

const { ROLLOUT_TABLE } = readEnv({ ROLLOUT_TABLE: z.string().check(z.minLength(1)) });
const dynamoDb = dynamoDbClient();

/** The item of the rollout table that holds what was told last. */
const ITEM = 'drift';

export const Input = z.strictObject({ execution: Execution, reports: z.array(DriftReport) });
const Told = z.record(z.string(), z.string());
const Same = z.strictObject({ status: z.literal('Same'), summary: z.string() });
const Changed = z.strictObject({
  status: z.literal('Changed'),
  summary: z.string(),
  message: z.string(),
  /** For the item, once the message has been sent. */
  told: z.string(),
});
export const Output = z.discriminatedUnion('status', [Same, Changed]);

/** Says what there is to tell of parameters whose state needs somebody, and has changed since it was told. Source: DynamoDB GetItem. */
export const handler = task({ input: Input, output: Output, target: () => 'all' }, async ({ reports }) => {
  const before = await read();
  const now = Object.fromEntries(reports.filter(needsSomebody).map((report) => [report.parameter, stateOf(report)]));
  const lines = [
    ...reports.filter(({ parameter }) => now[parameter] !== before[parameter] && parameter in now).map(lineOf),
    ...Object.keys(before)
      .filter((parameter) => !(parameter in now))
      .map((parameter) => `${parameter}: needs nobody any more.`),
  ];
  const summary = summaryOf(reports);
  if (lines.length === 0) return { status: 'Same' as const, summary };
  return { status: 'Changed' as const, summary, message: lines.join('\n'), told: JSON.stringify(now) };
});

async function read(): Promise<z.infer<typeof Told>> {
  const { Item } = await dynamoDb.send(
    new GetItemCommand({ TableName: ROLLOUT_TABLE, Key: { id: { S: ITEM } }, ConsistentRead: true }),
  );
  return Told.parse(JSON.parse(Item?.['told']?.S ?? '{}'));
}

/** What is repaired, runs or is as it should be is no news. */
const needsSomebody = (report: DriftReport): boolean =>
  report.status === 'Held' || report.status === 'Unusable' || (report.status === 'Drifted' && !report.repair);

const stateOf = ({ status, version }: DriftReport): string => `${status} ${version ?? ''}`;

const lineOf = ({ parameter, status, reason, behind, names }: DriftReport): string =>
  `${parameter}: ${status}. ${reason}${behind === 0 ? '' : ` ${behind} targets are not on the AMI: ${names.join(', ')}${behind > names.length ? ', …' : ''}`}`;

function summaryOf(reports: readonly DriftReport[]): string {
  const counts = [...Map.groupBy(reports, ({ status }) => status)].map(([status, of]) => `${of.length} ${status}`);
  return counts.length === 0 ? 'No AMI parameter is followed' : `AMI parameters: ${counts.sort().join(', ')}`;
}
