import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type DescribeExecutionCommandOutput,
  type HistoryEvent,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MILLISECONDS = 250;
const PAGE = 1000;

/** A state as it was entered or left. */
export interface Transition {
  readonly at: Date;
  readonly name: string;
  readonly kind: 'entered' | 'exited';
}

/** What a history event says about states; undefined for the others. */
function transitionOf(event: HistoryEvent): Transition | undefined {
  if (event.timestamp === undefined) return undefined;
  const { stateEnteredEventDetails: entered, stateExitedEventDetails: exited } = event;
  if (entered?.name !== undefined) return { at: event.timestamp, name: entered.name, kind: 'entered' };
  if (exited?.name !== undefined) return { at: event.timestamp, name: exited.name, kind: 'exited' };
  return undefined;
}

/** History events after the event `after`, all pages. Source: Step Functions GetExecutionHistory. */
async function eventsAfter(sfn: SFNClient, executionArn: string, after: number): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: PAGE, nextToken }));
    events.push(...(page.events ?? []).filter(({ id = 0 }) => id > after));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

const isEnd = ({ type }: HistoryEvent): boolean => /^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(type ?? '');

/** Follows an execution to its end; calls `seen` for each state entered or left, in order. Returns its final description. */
export async function watchExecution(
  sfn: SFNClient,
  executionArn: string,
  seen: (transition: Transition) => void,
): Promise<DescribeExecutionCommandOutput> {
  let last = 0;
  for (;;) {
    const events = await eventsAfter(sfn, executionArn, last);
    for (const event of events) {
      last = event.id ?? last;
      const transition = transitionOf(event);
      if (transition !== undefined) seen(transition);
    }
    if (events.some(isEnd)) return sfn.send(new DescribeExecutionCommand({ executionArn }));
    await sleep(POLL_MILLISECONDS);
  }
}
