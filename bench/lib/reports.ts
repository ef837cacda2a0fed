import type { DescribeLogGroupsCommandOutput, FilterLogEventsCommandOutput } from '@aws-sdk/client-cloudwatch-logs';
import * as z from 'zod';
import type { Sandbox } from '../../sandbox/sandbox.ts';

/** What Lambda logs at the end of an invocation, as far as the bill is concerned. */
const Report = z.object({
  type: z.literal('platform.report'),
  record: z.object({ metrics: z.object({ billedDurationMs: z.number(), memorySizeMB: z.number() }) }),
});

/** One invocation as it is billed. */
export interface Billed {
  readonly seconds: number;
  readonly gigabytes: number;
}

/** Every invocation that the functions' log groups tell of. */
export async function billedInvocations(sandbox: Sandbox): Promise<Billed[]> {
  const { logGroups = [] } = (await sandbox.call('logs', 'DescribeLogGroups', {})) as DescribeLogGroupsCommandOutput;
  const messages = await Promise.all(logGroups.map(({ logGroupName = '' }) => messagesOf(sandbox, logGroupName)));
  return messages.flat().flatMap((message) => {
    const report = Report.safeParse(parsed(message));
    if (!report.success) return [];
    const { billedDurationMs, memorySizeMB } = report.data.record.metrics;
    return [{ seconds: billedDurationMs / 1000, gigabytes: memorySizeMB / 1024 }];
  });
}

async function messagesOf(sandbox: Sandbox, logGroupName: string): Promise<string[]> {
  const messages: string[] = [];
  let nextToken: string | undefined;
  do {
    const input = { logGroupName, nextToken };
    const page = (await sandbox.call('logs', 'FilterLogEvents', input)) as FilterLogEventsCommandOutput;
    messages.push(...(page.events ?? []).map(({ message = '' }) => message));
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  return messages;
}

/** Functions may log plain text between the platform's JSON. */
function parsed(message: string): unknown {
  return message.startsWith('{') ? (JSON.parse(message) as unknown) : undefined;
}
