import { describe, expect, it } from '@jest/globals';
import type { ServiceId } from '../../../sandbox/core/service.ts';
import { createEvents } from '../../../sandbox/services/events/index.ts';
import { createLogs } from '../../../sandbox/services/logs/index.ts';
import { createSns } from '../../../sandbox/services/sns/index.ts';
import { createStates } from '../../../sandbox/states/index.ts';
import { createIam } from '../../../sandbox/services/iam/index.ts';
import { createLambda } from '../../../sandbox/lambda/index.ts';
import { Credentials } from '../../../sandbox/core/credentials.ts';
import { fleetWorld, WEB } from '../fleets/demo.ts';

const command = { DocumentName: 'AWS-RunShellScript', InstanceIds: [WEB], Parameters: { commands: ['true'] } };
const stateMachineArn = 'arn:aws:states:eu-central-1:123456789012:stateMachine:m';

async function everything() {
  const { world } = await fleetWorld();
  const iam = createIam(world);
  const parts = [
    createEvents(world, { iam }),
    createLogs(world),
    createSns(world),
    createStates(world),
    createLambda(world, {
      credentials: new Credentials(),
      endpoint: () => '',
      assumeRole: (arn) => iam.assume(arn, 'lambda.amazonaws.com'),
    }),
  ];
  for (const { service } of parts) world.dispatcher.register(service);
  const caller = { kind: 'operator', arn: 'arn:aws:iam::123456789012:user/operator' } as const;
  return (service: ServiceId, name: string, input: object) => world.dispatcher.call(caller, service, name, input);
}

describe('a member that is not heeded', () => {
  it.each<[ServiceId, string, string, object]>([
    ['states', 'ListExecutions', 'redriveFilter', { stateMachineArn, redriveFilter: 'REDRIVEN' }],
    ['states', 'DescribeStateMachine', 'includedData', { stateMachineArn, includedData: 'METADATA_ONLY' }],
    ['ssm', 'SendCommand', 'NotificationConfig', { ...command, NotificationConfig: { NotificationType: 'Command' } }],
    ['ssm', 'SendCommand', 'AlarmConfiguration', { ...command, AlarmConfiguration: { Alarms: [] } }],
    ['ssm', 'DescribeParameters', 'Shared', { Shared: true }],
    ['ec2', 'StopInstances', 'Hibernate', { InstanceIds: [WEB], Hibernate: true }],
    ['ec2', 'TerminateInstances', 'Force', { InstanceIds: [WEB], Force: true }],
    ['ec2', 'TerminateInstances', 'SkipOsShutdown', { InstanceIds: [WEB], SkipOsShutdown: true }],
    ['ec2', 'DescribeImages', 'ExecutableUsers', { ExecutableUsers: ['self'] }],
    ['lambda', 'ListFunctions', 'MasterRegion', { MasterRegion: 'ALL' }],
    ['sns', 'ListTopics', 'NextToken', { NextToken: 'zz' }],
    [
      'events',
      'PutRule',
      'RoleArn',
      { Name: 'r', ScheduleExpression: 'rate(1 day)', RoleArn: 'arn:aws:iam::1:role/r' },
    ],
    ['logs', 'CreateLogGroup', 'kmsKeyId', { logGroupName: 'g', kmsKeyId: 'k' }],
    ['logs', 'CreateLogGroup', 'logGroupClass', { logGroupName: 'g', logGroupClass: 'DELIVERY' }],
  ])('%s:%s refuses %s by name', async (service, name, member, input) => {
    const call = await everything();
    await expect(call(service, name, input)).rejects.toMatchObject({
      code: 'NotImplemented',
      message: expect.stringContaining(member),
    });
  });

  it('is none where it is undefined, or says what goes without saying', async () => {
    const call = await everything();
    const CloudWatchOutputConfig = { CloudWatchOutputEnabled: false };
    const sent = { ...command, NotificationConfig: undefined, CloudWatchOutputConfig, DocumentVersion: '1' };
    await expect(call('ssm', 'SendCommand', sent)).resolves.toMatchObject({ Command: { DocumentVersion: '1' } });
    await call('ec2', 'StopInstances', { InstanceIds: [WEB], Hibernate: false });
    await call('logs', 'CreateLogGroup', { logGroupName: 'g', logGroupClass: 'STANDARD' });
  });

  it('is refused in the words of AWS where AWS refuses its value', async () => {
    const call = await everything();
    await expect(call('ssm', 'SendCommand', { ...command, DocumentVersion: '7' })).rejects.toMatchObject({
      code: 'InvalidDocumentVersion',
    });
    await expect(call('states', 'ListExecutions', { stateMachineArn, statusFilter: 'DONE' })).rejects.toMatchObject({
      code: 'ValidationException',
      message: expect.stringContaining("'statusFilter'"),
    });
  });
});
