import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';

/** Reads are repeated by the SDK on throttling and server errors; five attempts take about 3 s at the most. */
const REPEATING = { retryMode: 'standard', maxAttempts: 5 };

export const autoScalingClient = (): AutoScalingClient => new AutoScalingClient(REPEATING);

export const cloudWatchClient = (): CloudWatchClient => new CloudWatchClient(REPEATING);

export const dynamoDbClient = (): DynamoDBClient => new DynamoDBClient(REPEATING);

export const ec2Client = (): EC2Client => new EC2Client(REPEATING);

export const kmsClient = (): KMSClient => new KMSClient(REPEATING);

export const s3Client = (): S3Client => new S3Client(REPEATING);

export const sfnClient = (): SFNClient => new SFNClient(REPEATING);

export const ssmClient = (): SSMClient => new SSMClient(REPEATING);

/** For calls that must not be made twice, such as SendCommand, which takes no token. */
export const ssmClientWithoutRetry = (): SSMClient => new SSMClient({ maxAttempts: 1 });
