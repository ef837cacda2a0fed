import { CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { Config } from './config.ts';
import { ManagedInstance } from './constructs/managed-instance.ts';
import { RolloutPolicyParameters } from './rollouts/policies.ts';

/** The index of the result table that lists the executions of one runbook by when they started. */
export const BY_RUNBOOK = 'by-runbook';

/** The index of the lock table that finds what an execution has locked. */
export const BY_EXECUTION = 'by-execution';

export interface FoundationStackProps extends StackProps {
  readonly environment: string;
  readonly config: Config;
}

/** What holds data, and what machines need: the key, the output bucket, the tables, the topic, the instance profile. */
export class FoundationStack extends Stack {
  readonly key: Key;
  readonly outputBucket: IBucket;
  /** What encrypts the bucket, if that is a key whose use needs leave. */
  readonly outputKey: IKey | undefined;
  readonly resultTable: Table;
  readonly lockTable: Table;
  /** What rollouts of AMI parameters know of each other: the version that is wanted, outcomes, who waits, approvals. */
  readonly rolloutTable: Table;
  readonly topic: Topic;
  /** What must not be touched, for people to edit; a deployment only makes it. */
  readonly exclusions: StringParameter;
  readonly #removalPolicy: RemovalPolicy;

  constructor(scope: Construct, id: string, { environment, config, ...props }: FoundationStackProps) {
    super(scope, id, props);
    this.#removalPolicy = config.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.key = new Key(this, 'Key', {
      description: 'Encrypts command output, results and notifications',
      enableKeyRotation: true,
      removalPolicy: this.#removalPolicy,
    });
    const output = this.#output(config);
    this.outputBucket = output.bucket;
    this.outputKey = output.key;
    const underOurKey = { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: this.key };
    // What a command printed is in its result row, so the row is under the same key as the bucket.
    this.resultTable = this.#table('ResultTable', 'executionArn', underOurKey);
    this.resultTable.addGlobalSecondaryIndex({
      indexName: BY_RUNBOOK,
      partitionKey: { name: 'runbook', type: AttributeType.STRING },
      sortKey: { name: 'startedAt', type: AttributeType.STRING },
      // What a list shows; the whole row would be written twice, with all that its command printed.
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: ['status', 'finishedAt', 'summary', 'stopRequestedAt'],
    });
    this.lockTable = this.#table('LockTable', 'target');
    this.lockTable.addGlobalSecondaryIndex({
      indexName: BY_EXECUTION,
      partitionKey: { name: 'executionArn', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    // It holds the task tokens of rollouts that wait: whoever has one can let them go on.
    this.rolloutTable = this.#table('RolloutTable', 'id', underOurKey);
    new RolloutPolicyParameters(this, 'RolloutPolicies', { environment, config });
    this.topic = this.#topic(config);
    this.exclusions = new StringParameter(this, 'Exclusions', {
      parameterName: `/${config.project}/${environment}/exclusions`,
      description:
        'What must not be touched: {"instances": [], "autoScalingGroups": [], "reason": ""}; docs/exclusions.md',
      stringValue: '{}',
    });
    this.exclusions.applyRemovalPolicy(this.#removalPolicy);
    const instance = new ManagedInstance(this, 'ManagedInstance', { ...output, keyPrefix: config.outputKeyPrefix });
    this.#addOutputs({ InstanceProfileName: instance.profile.instanceProfileName });
  }

  #output(config: Config): { readonly bucket: IBucket; readonly key: IKey | undefined } {
    const { outputBucket, outputBucketKeyArn } = config;
    if (outputBucket === 'new') return { bucket: this.#newBucket(config), key: this.key };
    const key = outputBucketKeyArn === undefined ? undefined : Key.fromKeyArn(this, 'OutputKey', outputBucketKeyArn);
    return { bucket: Bucket.fromBucketName(this, 'OutputBucket', outputBucket), key };
  }

  #newBucket({ outputRetentionDays }: Config): Bucket {
    const bucket = new Bucket(this, 'OutputBucket', {
      encryption: BucketEncryption.KMS,
      encryptionKey: this.key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [
        {
          expiration: Duration.days(outputRetentionDays),
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: this.#removalPolicy,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions::AwsSolutions-S1',
      reason:
        'Who read an output is in CloudTrail, by principal, where data events are on; server access logs add a bucket that nobody reads.',
    });
    return bucket;
  }

  #table(id: string, key: string, encryption?: Pick<TableProps, 'encryption' | 'encryptionKey'>): Table {
    return new Table(this, id, {
      partitionKey: { name: key, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: this.#removalPolicy,
      ...encryption,
    });
  }

  /** A topic with a policy of its own has AWS's default policy no more, so that alarms need leave to publish. */
  #topic({ notificationEmails }: Config): Topic {
    const topic = new Topic(this, 'NotificationTopic', { masterKey: this.key, enforceSSL: true });
    const byAlarms = (sid: string, actions: string[], resource: string) =>
      new PolicyStatement({
        sid,
        actions,
        resources: [resource],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      });
    topic.addToResourcePolicy(byAlarms('AlarmsPublish', ['sns:Publish'], topic.topicArn));
    this.key.addToResourcePolicy(byAlarms('AlarmsEncrypt', ['kms:GenerateDataKey', 'kms:Decrypt'], '*'));
    for (const email of notificationEmails) topic.addSubscription(new EmailSubscription(email));
    return topic;
  }

  #addOutputs(names: Readonly<Record<string, string>>): void {
    const all = {
      ...names,
      OutputBucketName: this.outputBucket.bucketName,
      ResultTableName: this.resultTable.tableName,
      LockTableName: this.lockTable.tableName,
      RolloutTableName: this.rolloutTable.tableName,
      NotificationTopicArn: this.topic.topicArn,
      ExclusionsParameterName: this.exclusions.parameterName,
    };
    for (const [id, value] of Object.entries(all)) new CfnOutput(this, id, { value });
  }
}
