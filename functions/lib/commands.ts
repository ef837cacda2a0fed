import { ListCommandsCommand, type Command, type ListCommandsCommandOutput, type SSMClient } from '@aws-sdk/client-ssm';
import { marker } from './marker.ts';

/** Step Functions and SSM need not agree on the time to the second. */
const CLOCK_SKEW_MS = 60_000;

interface Search {
  readonly executionArn: string;
  readonly instanceId?: string | undefined;
  /** ISO 8601; nothing older is looked at. */
  readonly invokedAfter: string;
}

/** A time as InvokedAfter takes it, early enough for clocks that differ. */
export const since = (invokedAfter: string): string =>
  new Date(Date.parse(invokedAfter) - CLOCK_SKEW_MS).toISOString().replace(/\.\d+Z$/, 'Z');

/** The commands that an execution has sent, told by the marker in their Comment. Source: SSM ListCommands, every page. */
export async function findCommands(
  ssm: SSMClient,
  { executionArn, instanceId, invokedAfter }: Search,
): Promise<Command[]> {
  const mark = marker(executionArn);
  const input = {
    InstanceId: instanceId,
    Filters: [{ key: 'InvokedAfter' as const, value: since(invokedAfter) }],
    MaxResults: 50,
  };
  const found: Command[] = [];
  let NextToken: string | undefined;
  do {
    const page: ListCommandsCommandOutput = await ssm.send(new ListCommandsCommand({ ...input, NextToken }));
    found.push(...(page.Commands ?? []).filter(({ Comment }) => Comment?.startsWith(mark)));
    ({ NextToken } = page);
    // The last page may say so with an empty token.
  } while (NextToken !== undefined && NextToken !== '');
  return found;
}
