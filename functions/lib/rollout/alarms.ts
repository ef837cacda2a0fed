import { DescribeAlarmsCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';

/** DescribeAlarms takes so many names. */
const MOST_NAMES = 100;

/** The alarms of these that are in ALARM, or that there are not, each with what is wrong. Source: CloudWatch DescribeAlarms. */
export async function firingAlarms(cloudWatch: CloudWatchClient, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudWatch.send(
    new DescribeAlarmsCommand({
      AlarmNames: names.slice(0, MOST_NAMES),
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: MOST_NAMES,
    }),
  );
  const states = new Map(
    [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName, StateValue }) => [AlarmName, StateValue]),
  );
  return names.flatMap((name) => {
    const state = states.get(name);
    if (state === undefined) return [`there is no alarm ${name}`];
    return state === 'ALARM' ? [`the alarm ${name} is in ALARM`] : [];
  });
}
