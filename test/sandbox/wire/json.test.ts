import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  SFNClient,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
  ListStateMachinesCommand,
} from '@aws-sdk/client-sfn';
import {
  DescribeInstanceInformationCommand,
  SendCommandCommand,
  SSMClient,
  AddTagsToResourceCommand,
} from '@aws-sdk/client-ssm';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { AwsError, AnswerLost } from '../../../sandbox/core/aws-error.ts';
import { rejection, serve, signedHeaders, stub } from './support.ts';

const DATE = new Date('2026-01-05T09:00:00.500Z');
const seen: unknown[] = [];
const reported: unknown[] = [];
let served: Awaited<ReturnType<typeof serve>>;
let ssm: SSMClient;
let sfn: SFNClient;
let lambda: LambdaClient;

beforeAll(async () => {
  served = await serve(
    () => [
      stub('ssm', {
        SendCommand: (input) => {
          seen.push(input);
          return {
            Command: {
              CommandId: 'c',
              RequestedDateTime: DATE,
              Parameters: { commands: ['a "b"\n\u001b é'] },
              MaxErrors: '0',
            },
          };
        },
        DescribeInstanceInformation: () => {
          throw new AwsError('InvalidInstanceId', 'Instances [[i-1]] not in a valid state', 400);
        },
      }),
      stub('states', {
        StartExecution: () => {
          throw new AnswerLost('gone');
        },
        GetExecutionHistory: () => ({
          events: [
            { id: 1, type: 'PassStateEntered', timestamp: DATE, stateEnteredEventDetails: { name: 'A', input: '{}' } },
          ],
        }),
        ListStateMachines: () => {
          throw new TypeError('a bug');
        },
      }),
      stub('lambda', {
        Invoke: (input: { Payload?: Uint8Array }) => {
          seen.push(input);
          return {
            StatusCode: 200,
            ExecutedVersion: '$LATEST',
            FunctionError: 'Unhandled',
            Payload: Buffer.from('{"x":"é"}'),
          };
        },
        ListFunctions: () => {
          throw new AwsError('ResourceNotFoundException', 'Function not found: f', 400, { Type: 'User' });
        },
      }),
    ],
    (error) => reported.push(error),
  );
  ssm = new SSMClient(served.client);
  sfn = new SFNClient(served.client);
  lambda = new LambdaClient(served.client);
});

afterAll(() => served.wire.close());

async function post(target: string, body: string): Promise<Response> {
  const { endpoint } = served.wire;
  const headers = await signedHeaders('ssm', body, { host: new URL(endpoint).host, 'x-amz-target': target });
  return fetch(endpoint, { method: 'POST', body, headers });
}

describe('JSON protocols', () => {
  it('carries inputs and outputs, dates and hostile text included', async () => {
    const Comment = 'quotes " \' $(x) \u2028 \u{1F600}\n';
    const Parameters = { commands: [Comment] };
    const output = await ssm.send(
      new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', Comment, Parameters, TimeoutSeconds: 30 }),
    );
    expect(seen.at(-1)).toEqual({ DocumentName: 'AWS-RunShellScript', Comment, Parameters, TimeoutSeconds: 30 });
    expect(output.Command).toEqual({
      CommandId: 'c',
      RequestedDateTime: DATE,
      Parameters: { commands: ['a "b"\n\u001b é'] },
      MaxErrors: '0',
    });
    expect(output.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('carries modelled errors', async () => {
    const error = await rejection(ssm.send(new DescribeInstanceInformationCommand({})));
    expect(error.name).toBe('InvalidInstanceId');
    expect(error).toMatchObject({
      message: 'Instances [[i-1]] not in a valid state',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('carries nested structures in lists', async () => {
    const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn: 'arn' }));
    expect(events).toEqual([
      { id: 1, type: 'PassStateEntered', timestamp: DATE, stateEnteredEventDetails: { name: 'A', input: '{}' } },
    ]);
  });

  it('refuses what lacks a required member, naming it', async () => {
    const error = await rejection(
      ssm.send(
        new AddTagsToResourceCommand({
          ResourceType: 'Document',
          ResourceId: 'x',
          Tags: [{ Key: 'k', Value: undefined }],
        }),
      ),
    );
    expect(error.name).toBe('ValidationException');
    expect(error.message).toBe(
      "1 validation error detected: Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null",
    );
  });

  it('refuses values of the wrong type and bodies that are not JSON', async () => {
    const wrong = new SendCommandCommand({ DocumentName: 'x', InstanceIds: 'i-1' as never });
    expect((await rejection(ssm.send(wrong))).name).toBe('SerializationException');
    const response = await post('AmazonSSM.SendCommand', '{"a":');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: 'SerializationException' });
    expect(response.headers.get('date')).toBeNull();
  });

  it('says loudly what is not modelled, and which operation does not exist', async () => {
    const error = await rejection(
      ssm.send(new AddTagsToResourceCommand({ ResourceType: 'Document', ResourceId: 'x', Tags: [] })),
    );
    expect(error).toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } });
    expect(error.message).toContain('ssm:AddTagsToResource');
    const response = await post('AmazonSSM.Nonsense', '{}');
    expect(await response.json()).toMatchObject({ __type: 'UnknownOperationException' });
  });

  it('closes the connection where the answer is lost', async () => {
    const error = await rejection(sfn.send(new StartExecutionCommand({ stateMachineArn: 'arn' })));
    expect(error.message).toContain('socket hang up');
  });

  it('answers InternalFailure for a bug, and reports it', async () => {
    const error = await rejection(sfn.send(new ListStateMachinesCommand({})));
    expect(error).toMatchObject({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } });
    expect(reported).toEqual([expect.objectContaining({ message: 'a bug' })]);
  });
});

describe('restJson, as Lambda speaks it', () => {
  it('binds path, headers, status and payload', async () => {
    const command = new InvokeCommand({
      FunctionName: 'arn:aws:lambda:eu-central-1:123456789012:function:f',
      Payload: Buffer.from('{"a":1}'),
      InvocationType: 'RequestResponse',
    });
    const output = await lambda.send(command);
    expect(seen.at(-1)).toMatchObject({
      FunctionName: 'arn:aws:lambda:eu-central-1:123456789012:function:f',
      InvocationType: 'RequestResponse',
    });
    expect(Buffer.from((seen.at(-1) as { Payload: Uint8Array }).Payload).toString()).toBe('{"a":1}');
    expect(output).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST', FunctionError: 'Unhandled' });
    expect(Buffer.from(output.Payload ?? []).toString()).toBe('{"x":"é"}');
  });

  it('takes the status of an error from its model', async () => {
    const error = await rejection(lambda.send(new ListFunctionsCommand({})));
    expect(error).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: f',
      Type: 'User',
      $metadata: { httpStatusCode: 404 },
    });
  });
});
