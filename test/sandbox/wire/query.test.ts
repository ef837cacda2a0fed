import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DeleteTagsCommand,
  DescribeInstancesCommand,
  DescribeSpotPriceHistoryCommand,
  EC2Client,
  RunInstancesCommand,
  StopInstancesCommand,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import {
  ListTopicsCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  type PublishCommandInput,
} from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import * as fc from 'fast-check';
import { AwsError } from '../../../sandbox/core/aws-error.ts';
import { createSts } from '../../../sandbox/services/sts/index.ts';
import { rejection, ROLE, serve, signedHeaders, stub } from './support.ts';

const DATE = new Date('2026-01-05T09:00:00.000Z');
const INSTANCE = {
  InstanceId: 'i-0123456789abcdef0',
  LaunchTime: DATE,
  State: { Code: 16, Name: 'running' },
  Tags: [{ Key: 'a<b>&"', Value: ' é\n' }],
  EbsOptimized: false,
  BlockDeviceMappings: [
    { DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-1', AttachTime: DATE, DeleteOnTermination: true } },
  ],
  SecurityGroups: [],
};
let last: unknown;
const keep =
  <O>(output: O) =>
  (input: unknown): O => {
    last = input;
    return output;
  };
let served: Awaited<ReturnType<typeof serve>>;
let ec2: EC2Client;
let sns: SNSClient;

beforeAll(async () => {
  served = await serve((world) => [
    createSts(world).service,
    stub('ec2', {
      DescribeInstances: keep({ Reservations: [{ ReservationId: 'r-1', Instances: [INSTANCE] }] }),
      DescribeSpotPriceHistory: keep({ SpotPriceHistory: [] }),
      RunInstances: keep({ Instances: [] }),
      DeleteTags: keep({}),
      StopInstances: () => {
        throw new AwsError('InvalidInstanceID.NotFound', "The instance ID 'i-1' does not exist");
      },
    }),
    stub('sns', {
      Publish: keep({ MessageId: 'm-1' }),
      SetTopicAttributes: keep({}),
      ListTopics: () => {
        throw new AwsError('NotFoundException', 'Topic does not exist');
      },
    }),
  ]);
  ec2 = new EC2Client(served.client);
  sns = new SNSClient(served.client);
});

afterAll(() => served.wire.close());

describe('ec2Query', () => {
  it('reads flat lists and answers nested XML', async () => {
    const input = { InstanceIds: ['i-1', 'i-2'], Filters: [{ Name: 'tag:a b', Values: ['x', 'ü=&'] }], MaxResults: 5 };
    const output = await ec2.send(new DescribeInstancesCommand(input));
    expect(last).toEqual(input);
    expect(output.Reservations).toEqual([{ ReservationId: 'r-1', Instances: [INSTANCE] }]);
    expect(output.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('reads dates, and answers operations without output', async () => {
    await ec2.send(new DescribeSpotPriceHistoryCommand({ StartTime: DATE, DryRun: true }));
    expect(last).toEqual({ StartTime: DATE, DryRun: true });
    await expect(ec2.send(new DeleteTagsCommand({ Resources: ['i-1'], Tags: [{ Key: '' }] }))).resolves.toBeDefined();
    expect(last).toEqual({ Resources: ['i-1'], Tags: [{ Key: '' }] });
  });

  it('answers errors with EC2 codes', async () => {
    const error = await rejection(ec2.send(new StopInstancesCommand({ InstanceIds: ['i-1'] })));
    expect(error.name).toBe('InvalidInstanceID.NotFound');
    expect(error.message).toBe("The instance ID 'i-1' does not exist");
    expect(error).toMatchObject({ $metadata: { httpStatusCode: 400, requestId: expect.any(String) } });
  });

  it('refuses missing and unknown parameters, wrong values and unknown actions', async () => {
    const post = async (body: string): Promise<string> => {
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const headers = await signedHeaders('ec2', body, { host: new URL(served.wire.endpoint).host, ...type });
      return (await fetch(served.wire.endpoint, { method: 'POST', body, headers })).text();
    };
    expect(await post('Action=StopInstances&Version=2016-11-15')).toContain(
      'The request must contain the parameter InstanceId<',
    );
    expect(await post('Action=DescribeInstances&Nonsense=1')).toContain('The parameter Nonsense is not recognized');
    expect(await post('Action=DescribeInstances&MaxResults=many')).toContain('<Code>InvalidParameterValue</Code>');
    expect(await post('Action=Nonsense')).toContain('<Code>InvalidAction</Code>');
    expect(await post('Version=2016-11-15')).toContain('<Code>MissingAction</Code>');
  });

  it('reads every input back as the SDK wrote it', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    const count = fc.integer({ min: 1, max: 1000 });
    const tags = fc.array(fc.record({ Key: text, Value: text }), { minLength: 1, maxLength: 3 });
    const ebs = fc.record(
      { VolumeSize: count, Encrypted: fc.boolean(), KmsKeyId: text },
      { requiredKeys: ['VolumeSize'] },
    );
    const inputs: fc.Arbitrary<RunInstancesCommandInput> = fc.record(
      {
        MinCount: count,
        MaxCount: count,
        ClientToken: text,
        ImageId: text,
        SecurityGroupIds: fc.array(text, { minLength: 1, maxLength: 12 }),
        BlockDeviceMappings: fc.array(fc.record({ DeviceName: text, Ebs: ebs }), { minLength: 1, maxLength: 3 }),
        TagSpecifications: fc.array(fc.record({ ResourceType: fc.constant('instance' as const), Tags: tags }), {
          minLength: 1,
          maxLength: 2,
        }),
        Placement: fc.record({ AvailabilityZone: text }),
      },
      { requiredKeys: ['MinCount', 'MaxCount', 'ClientToken'] },
    );
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        await ec2.send(new RunInstancesCommand(input));
        expect(last).toEqual(input);
      }),
      { numRuns: 60 },
    );
  });
});

describe('awsQuery', () => {
  it('reads maps with blobs back as the SDK wrote them', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    const attribute = fc.oneof(
      fc.record({ DataType: fc.constant('String'), StringValue: text }),
      fc.record({ DataType: fc.constant('Binary'), BinaryValue: fc.uint8Array({ minLength: 1 }) }),
    );
    const key = text.filter((name) => name !== '__proto__');
    const inputs: fc.Arbitrary<PublishCommandInput> = fc.record(
      {
        TopicArn: text,
        Subject: text,
        Message: text,
        MessageAttributes: fc.dictionary(key, attribute, { minKeys: 1, maxKeys: 12, noNullPrototype: true }),
      },
      { requiredKeys: ['Message'] },
    );
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        expect((await sns.send(new PublishCommand(input))).MessageId).toBe('m-1');
        expect(last).toEqual(input);
      }),
      { numRuns: 60 },
    );
  });

  it('answers operations without output', async () => {
    const output = await sns.send(
      new SetTopicAttributesCommand({ TopicArn: 'arn', AttributeName: 'DisplayName', AttributeValue: '' }),
    );
    expect(last).toEqual({ TopicArn: 'arn', AttributeName: 'DisplayName', AttributeValue: '' });
    expect(output.$metadata.httpStatusCode).toBe(200);
  });

  it('answers errors under their code of the query protocol', async () => {
    const error = await rejection(sns.send(new ListTopicsCommand({})));
    expect(error).toMatchObject({
      name: 'NotFoundException',
      message: 'Topic does not exist',
      Code: 'NotFound',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('refuses what lacks a required member', async () => {
    const error = await rejection(
      sns.send(new SetTopicAttributesCommand({ TopicArn: 'arn', AttributeName: undefined })),
    );
    expect(error.name).toBe('ValidationError');
    expect(error.message).toContain("Value null at 'attributeName'");
  });
});

describe('STS', () => {
  it('tells who calls, for a user and for a role', async () => {
    const operator = await new STSClient(served.client).send(new GetCallerIdentityCommand({}));
    expect(operator).toMatchObject({ Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/operator' });
    expect(operator.UserId).toMatch(/^AIDA[A-Z0-9]{17}$/);
    const role = await new STSClient({ ...served.client, credentials: ROLE }).send(new GetCallerIdentityCommand({}));
    expect(role.Arn).toBe(ROLE.caller.arn);
    expect(role.UserId).toMatch(/^AROA[A-Z0-9]{17}:session-name$/);
  });

  it('knows no other key', async () => {
    const credentials = { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' };
    const error = await rejection(
      new STSClient({ ...served.client, credentials }).send(new GetCallerIdentityCommand({})),
    );
    expect(error).toMatchObject({ name: 'InvalidClientTokenId', $metadata: { httpStatusCode: 403 } });
  });
});
