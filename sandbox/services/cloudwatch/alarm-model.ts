import type {
  AlarmHistoryItem,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
  StateValue,
} from '@aws-sdk/client-cloudwatch';
import type { AlarmRule } from './alarm-rule.ts';

/** A state with why and since when. */
export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  readonly reasonData: string | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
}

interface Common {
  readonly name: string;
  readonly arn: string;
  readonly history: AlarmHistoryItem[];
  configuredAt: number;
  /** When the value of the state last became another. */
  transitionedAt: number;
  actionsEnabled: boolean;
  state: AlarmState;
}

export interface MetricAlarm extends Common {
  readonly kind: 'MetricAlarm';
  definition: PutMetricAlarmInput;
}

export interface CompositeAlarm extends Common {
  readonly kind: 'CompositeAlarm';
  definition: PutCompositeAlarmInput;
  rule: AlarmRule;
}

export type Alarm = MetricAlarm | CompositeAlarm;

/** A time as alarms write it in events and messages. */
export const timestamp = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

/** The actions that an alarm takes when it comes into a state. */
export function actionsFor({ definition }: Alarm, state: StateValue): readonly string[] {
  const { AlarmActions = [], OKActions = [], InsufficientDataActions = [] } = definition;
  return { ALARM: AlarmActions, OK: OKActions, INSUFFICIENT_DATA: InsufficientDataActions }[state];
}
