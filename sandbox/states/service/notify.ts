import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { World } from '../../core/world.ts';
import type { Execution, MachineRevision } from '../engine/execution.ts';

const included = { included: true };

/** Puts the change on the default bus. Source: Developer Guide, "Automating event delivery with EventBridge". */
export function emitStatus(world: World, { start, status, stopDate, end }: Execution): void {
  world.emit({
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    resources: [start.arn],
    detail: {
      executionArn: start.arn,
      stateMachineArn: start.machine.arn,
      stateMachineVersionArn: start.stateMachineVersionArn ?? null,
      stateMachineAliasArn: start.stateMachineAliasArn ?? null,
      name: start.name,
      status,
      startDate: start.startDate.getTime(),
      stopDate: stopDate?.getTime() ?? null,
      input: start.input,
      inputDetails: included,
      output: end?.output ?? null,
      outputDetails: end?.output === undefined ? null : included,
      error: end?.error ?? null,
      cause: end?.cause ?? null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: redriveStatus(status),
      redriveStatusReason: redriveReason(status) ?? null,
    },
  });
}

export function redriveStatus(status: string): 'REDRIVABLE' | 'NOT_REDRIVABLE' {
  return status === 'RUNNING' || status === 'SUCCEEDED' ? 'NOT_REDRIVABLE' : 'REDRIVABLE';
}

export function redriveReason(status: string): string | undefined {
  return redriveStatus(status) === 'REDRIVABLE' ? undefined : `Execution is ${status} and cannot be redriven`;
}

const LEVELS: Readonly<Record<string, RegExp>> = {
  ALL: /./,
  ERROR: /(Failed|TimedOut|Aborted)$|^FailStateEntered$/,
  FATAL: /^Execution(Failed|TimedOut|Aborted)$/,
  OFF: /(?!)/,
};

const DATA = [
  'input',
  'inputDetails',
  'output',
  'outputDetails',
  'parameters',
  'assignedVariables',
  'assignedVariablesDetails',
];

function without(details: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(details).filter(([key]) => !keys.includes(key)));
}

function line(
  { id, previousEventId, timestamp, type, ...details }: HistoryEvent,
  executionArn: string,
  data: boolean,
): string {
  const [detail = {}] = Object.values(details) as object[];
  return JSON.stringify({
    id: String(id),
    type,
    details: data ? detail : without(detail, [...DATA, 'parameters']),
    previous_event_id: String(previousEventId),
    event_timestamp: String(timestamp?.getTime()),
    execution_arn: executionArn,
    redrive_count: '0',
  });
}

/** Writes history events to the machine's log groups, as far as its level goes. Source: Developer Guide, "Logging in CloudWatch Logs". */
export function logger(
  world: World,
  { logging, name }: MachineRevision,
  executionArn: string,
): (event: HistoryEvent) => void {
  const { level = 'OFF', includeExecutionData = false, destinations = [] } = logging;
  const groups = destinations.flatMap(
    ({ cloudWatchLogsLogGroup }) => cloudWatchLogsLogGroup?.logGroupArn?.split(':')[6] ?? [],
  );
  const wanted = LEVELS[level];
  if (groups.length === 0 || level === 'OFF' || wanted === undefined) return () => undefined;
  const minute = world.clock.date().toISOString().slice(0, 16).replaceAll(/[T:]/g, '-');
  const stream = `states/${name}/${minute}/${world.random.hex(8)}`;
  return (event) => {
    if (!wanted.test(event.type ?? '')) return;
    for (const group of groups) world.log(group, stream, [line(event, executionArn, includeExecutionData)]);
  };
}

/** An event as GetExecutionHistory gives it with `includeExecutionData: false`. */
export function stripped(event: HistoryEvent): HistoryEvent {
  const entries = Object.entries(event).map(([key, value]: [string, unknown]) => [
    key,
    key.endsWith('Details') ? without(value as object, DATA) : value,
  ]);
  return Object.fromEntries(entries) as HistoryEvent;
}
