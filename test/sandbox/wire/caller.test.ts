import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { RealClock } from '../../../sandbox/clock/real-clock.ts';
import { Credentials, OPERATOR } from '../../../sandbox/core/credentials.ts';
import { startWire, type Wire } from '../../../sandbox/wire/index.ts';
import { testWorldWith } from '../support/world.ts';
import { rejection, ROLE, stub } from './support.ts';

let wire: Wire;

beforeAll(async () => {
  const world = testWorldWith(new RealClock());
  const services = [
    stub('dynamodb', { ListTables: () => ({}) }),
    stub('ec2', { DescribeInstances: () => ({}) }),
    stub('lambda', { Invoke: () => ({ StatusCode: 200 }) }),
    stub('s3', { GetObject: () => ({ Body: Buffer.from('x') }), PutObject: () => ({}) }),
    stub('sns', { ListTopics: () => ({ Topics: [] }) }),
    stub('ssm', { ListCommands: () => ({ Commands: [] }) }),
  ];
  for (const service of services) world.dispatcher.register(service);
  const credentials = new Credentials();
  for (const session of [OPERATOR, ROLE]) credentials.add(session);
  wire = await startWire({ world, credentials });
});

afterAll(() => wire.close());

interface Config {
  readonly endpoint: string;
  readonly region: string;
  readonly maxAttempts: number;
  readonly forcePathStyle: boolean;
  readonly systemClockOffset: number;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

const KEY = { Bucket: 'bucket', Key: "folder/a b+c'é(1)*~" };
const calls: Readonly<Record<string, (config: Config) => Promise<unknown>>> = {
  dynamodb: (config) => new DynamoDBClient(config).send(new ListTablesCommand({})),
  ec2: (config) => new EC2Client(config).send(new DescribeInstancesCommand({})),
  lambda: (config) => new LambdaClient(config).send(new InvokeCommand({ FunctionName: 'f', Payload: '{"a":1}' })),
  s3: (config) => new S3Client(config).send(new GetObjectCommand(KEY)),
  's3 with a body': (config) => new S3Client(config).send(new PutObjectCommand({ ...KEY, Body: 'text' })),
  sns: (config) => new SNSClient(config).send(new ListTopicsCommand({})),
  ssm: (config) => new SSMClient(config).send(new ListCommandsCommand({})),
};

const config = (change: Partial<Config> = {}): Config => ({
  endpoint: wire.endpoint,
  region: 'eu-central-1',
  maxAttempts: 1,
  forcePathStyle: true,
  systemClockOffset: 0,
  credentials: OPERATOR,
  ...change,
});

const code = async (service: string, change: Partial<Config>): Promise<string> => {
  const error = await rejection(calls[service]?.(config(change)) ?? Promise.resolve());
  return `${String((error['$metadata'] as { httpStatusCode?: number }).httpStatusCode)} ${error.name}`;
};

describe.each(Object.keys(calls))('%s', (service) => {
  it('takes what is signed, with a session token or without', async () => {
    await expect(calls[service]?.(config())).resolves.toBeDefined();
    await expect(calls[service]?.(config({ credentials: ROLE }))).resolves.toBeDefined();
  });
});

describe('a request that is not signed as it should be is refused with the code of its service', () => {
  const JSON_CODES = {
    secret: '403 InvalidSignatureException',
    token: '403 UnrecognizedClientException',
    region: '403 InvalidSignatureException',
    time: '403 InvalidSignatureException',
  };
  const S3_CODES = {
    secret: '403 SignatureDoesNotMatch',
    token: '400 InvalidToken',
    region: '400 AuthorizationHeaderMalformed',
    time: '403 RequestTimeTooSkewed',
  };
  const EC2_CODES = {
    secret: '401 AuthFailure',
    token: '401 AuthFailure',
    region: '401 AuthFailure',
    time: '400 RequestExpired',
  };
  const SNS_CODES = {
    secret: '403 SignatureDoesNotMatch',
    token: '403 InvalidClientTokenId',
    region: '403 SignatureDoesNotMatch',
    time: '403 SignatureDoesNotMatch',
  };
  it.each([
    ['dynamodb', JSON_CODES],
    ['ec2', EC2_CODES],
    ['lambda', JSON_CODES],
    ['s3', S3_CODES],
    ['sns', SNS_CODES],
    ['ssm', JSON_CODES],
  ])('%s', async (service, codes) => {
    expect({
      secret: await code(service, { credentials: { ...OPERATOR, secretAccessKey: 'guessed' } }),
      token: await code(service, { credentials: { ...ROLE, sessionToken: 'of another session' } }),
      region: await code(service, { region: 'us-east-1' }),
      time: await code(service, { systemClockOffset: 16 * 60_000 }),
    }).toEqual(codes);
  });
});
