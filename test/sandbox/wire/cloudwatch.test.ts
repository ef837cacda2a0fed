import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor';
import { SSMClient, ListCommandsCommand } from '@aws-sdk/client-ssm';
import { createCloudWatch } from '../../../sandbox/services/cloudwatch/index.ts';
import { rejection, serve, signedHeaders } from './support.ts';

const metric = {
  AlarmName: 'errors',
  Namespace: 'AWS/Lambda',
  MetricName: 'Errors',
  EvaluationPeriods: 1,
  Threshold: 1.5,
  ComparisonOperator: 'GreaterThanThreshold',
} as const;

let served: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  served = await serve((world) => [createCloudWatch(world).service]);
});
afterEach(() => served.wire.close());

/** The SDK speaks AWS JSON, the AWS CLI Smithy RPC v2 CBOR. */
describe.each([
  ['AWS JSON', {}],
  ['CBOR', { protocol: SmithyRpcV2CborProtocol }],
])('CloudWatch in %s', (_, more) => {
  it('takes and gives alarms', async () => {
    const client = new CloudWatchClient({ ...served.client, ...more });
    expect(await client.send(new PutMetricAlarmCommand(metric))).toMatchObject({ $metadata: { httpStatusCode: 200 } });
    await client.send(new SetAlarmStateCommand({ AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'test' }));
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: ['errors'] }));
    expect(MetricAlarms).toMatchObject([
      { ...metric, StateValue: 'ALARM', StateUpdatedTimestamp: served.world.clock.date() },
    ]);
  });

  it('answers errors by name', async () => {
    const client = new CloudWatchClient({ ...served.client, ...more });
    const unknown = new SetAlarmStateCommand({ AlarmName: 'nope', StateValue: 'OK', StateReason: 'test' });
    expect(await rejection(client.send(unknown))).toMatchObject({
      name: 'ResourceNotFound',
      message: 'Alarm nope does not exist',
      $metadata: { httpStatusCode: 404 },
    });
    const incomplete = new SetAlarmStateCommand({ AlarmName: 'nope', StateValue: 'OK', StateReason: undefined });
    expect((await rejection(client.send(incomplete))).message).toContain("'stateReason'");
  });
});

it('speaks the query protocol to older clients', async () => {
  const body = 'Action=DescribeAlarms&Version=2010-08-01';
  const { host } = new URL(served.wire.endpoint);
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const headers = await signedHeaders('monitoring', body, { host, ...type });
  const answer = await fetch(served.wire.endpoint, { method: 'POST', body, headers });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('<DescribeAlarmsResult>');
});

it('speaks CBOR where AWS does, and refuses it by name elsewhere', async () => {
  const client = new SSMClient({ ...served.client, protocol: SmithyRpcV2CborProtocol });
  expect((await rejection(client.send(new ListCommandsCommand({})))).message).toContain('CBOR');
});
