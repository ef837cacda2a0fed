import { paginateListCommands, type Command, type SSMClient } from '@aws-sdk/client-ssm';
import { marker } from './marker.ts';

/** Step Functions and SSM need not agree on the time to the second. */
const CLOCK_SKEW_MS = 60_000;

interface Search {
  readonly executionArn: string;
  readonly instanceId?: string | undefined;
  /** ISO 8601; nothing older is looked at. */
  readonly invokedAfter: string;
}

/** The commands that an execution has sent, told by the marker in their Comment. Source: SSM ListCommands, every page. */
export async function findCommands(
  ssm: SSMClient,
  { executionArn, instanceId, invokedAfter }: Search,
): Promise<Command[]> {
  const mark = marker(executionArn);
  const since = new Date(Date.parse(invokedAfter) - CLOCK_SKEW_MS).toISOString().replace(/\.\d+Z$/, 'Z');
  const input = { InstanceId: instanceId, Filters: [{ key: 'InvokedAfter' as const, value: since }] };
  const found: Command[] = [];
  for await (const { Commands = [] } of paginateListCommands({ client: ssm, pageSize: 50 }, input))
    found.push(...Commands.filter(({ Comment }) => Comment?.startsWith(mark)));
  return found;
}
