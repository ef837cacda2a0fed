import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { FleetContext } from '../constructs/fleet-context.ts';
import { FleetFunction } from '../constructs/fleet-function.ts';
import { Runbook } from '../constructs/runbook.ts';
import { allowUnscoped } from '../constructs/unscoped-actions.ts';
import type { FoundationStack } from '../foundation-stack.ts';
import type { Locks } from './locks.ts';
import { readExclusions } from './read-exclusions.ts';
import { recordResult } from './record-result.ts';
import { acknowledgeRunObjects, onRunObjects } from './run-objects.ts';
import { acknowledgeInstances, sendCommand } from './send-command.ts';

/** Fifty thousand machines are described, and their results read, by the page. */
const LONG_SECONDS = 300;

export interface FleetCommandProps {
  readonly context: FleetContext;
  readonly foundation: FoundationStack;
  readonly locks: Locks;
  readonly cancelCommand: FleetFunction;
}

/** The runbook `fleet-command`: one script on many machines. */
export class FleetCommand extends Construct {
  readonly runbook: Runbook;
  readonly functions: readonly FleetFunction[];
  /** Asks whether the holders of locks run. */
  readonly gateBatch: FleetFunction;

  constructor(scope: Construct, id: string, props: FleetCommandProps) {
    super(scope, id);
    const { context, foundation, locks, cancelCommand } = props;
    this.gateBatch = this.#gateBatch(props);
    this.functions = [
      this.#resolveTargets(context, foundation),
      this.gateBatch,
      this.#sendBatch(props),
      this.#checkCommands(props),
      this.#summarizeFleet(context, foundation),
    ];
    for (const { role } of this.functions) acknowledgeRunObjects(role, foundation);
    this.runbook = new Runbook(this, 'Runbook', {
      context,
      name: 'fleet-command',
      functions: [...this.functions, cancelCommand, locks.releaseLocks],
      substitutions: {
        ResultTableName: foundation.resultTable.tableName,
        NotificationTopicArn: foundation.topic.topicArn,
        NotifyOnSuccess: String(context.config.notifyOnSuccess),
      },
      statements: recordResult(foundation),
      errorImpact:
        'Some machines may have run the command and others not. The notification and the result row say why and where the results so far are.',
    });
  }

  #resolveTargets(context: FleetContext, foundation: FoundationStack): FleetFunction {
    const { allowArbitraryCommands, disabledCommands } = context.config;
    const exclusions = readExclusions(context.config, foundation);
    return new FleetFunction(this, 'ResolveTargets', {
      context,
      name: 'resolve-targets',
      description: 'Says which machines a fleet command means, and which are refused',
      timeoutSeconds: LONG_SECONDS,
      environment: {
        ...tagGate(context),
        ...exclusions.environment,
        OUTPUT_BUCKET: foundation.outputBucket.bucketName,
        ALLOW_ARBITRARY_COMMANDS: String(allowArbitraryCommands),
        DISABLED_COMMANDS: disabledCommands.join(','),
      },
      statements: [
        allowUnscoped('ec2:DescribeInstances'),
        exclusions.statement,
        ...onRunObjects(foundation, 's3:PutObject'),
      ],
      errorImpact:
        'Requests are refused before anything is sent, which is what it is for unless the requests are right.',
      // Every refusal of a bad request counts as an error; one is no news.
      errorsToAlarm: 5,
    });
  }

  #gateBatch({ context, foundation, locks }: FleetCommandProps): FleetFunction {
    const exclusions = readExclusions(context.config, foundation);
    return new FleetFunction(this, 'GateBatch', {
      context,
      name: 'gate-batch',
      description: 'Chooses and locks the machines of the next batch',
      environment: {
        ...tagGate(context),
        ...exclusions.environment,
        ...locks.environment,
        RESULT_TABLE: foundation.resultTable.tableName,
      },
      statements: [
        allowUnscoped('ec2:DescribeInstances', 'ssm:DescribeInstanceInformation'),
        exclusions.statement,
        locks.take(),
        ...onResultRow(foundation),
        ...onRunObjects(foundation, 's3:GetObject', 's3:PutObject', 's3:ListBucket'),
      ],
      errorImpact: 'Fleet commands send nothing more, and what runs is called back.',
    });
  }

  #sendBatch({ context, foundation, locks }: FleetCommandProps): FleetFunction {
    const send = new FleetFunction(this, 'SendBatch', {
      context,
      name: 'send-batch',
      description: 'Sends a command to the machines of a batch, once',
      environment: { ...locks.environment, OUTPUT_KEY_PREFIX: context.config.outputKeyPrefix },
      statements: [
        ...sendCommand(this, context),
        locks.release(),
        ...onRunObjects(foundation, 's3:GetObject', 's3:PutObject'),
      ],
      errorImpact: 'Commands do not reach the machines of a batch, or nobody knows whether they did.',
    });
    acknowledgeInstances(send.role);
    return send;
  }

  #checkCommands({ context, foundation, locks }: FleetCommandProps): FleetFunction {
    return new FleetFunction(this, 'CheckCommands', {
      context,
      name: 'check-commands',
      description: 'Says how far the commands of a run have got',
      environment: {
        ...locks.environment,
        OUTPUT_KEY_PREFIX: context.config.outputKeyPrefix,
        RESULT_TABLE: foundation.resultTable.tableName,
      },
      statements: [
        allowUnscoped('ssm:ListCommands', 'ssm:ListCommandInvocations', 'ssm:CancelCommand'),
        locks.release(),
        ...onResultRow(foundation),
        ...onRunObjects(foundation, 's3:GetObject', 's3:PutObject'),
      ],
      errorImpact: 'Fleet commands cannot be followed, and what runs is called back.',
    });
  }

  #summarizeFleet(context: FleetContext, foundation: FoundationStack): FleetFunction {
    return new FleetFunction(this, 'SummarizeFleet', {
      context,
      name: 'summarize-fleet',
      description: 'Says what a fleet command came to',
      timeoutSeconds: LONG_SECONDS,
      statements: onRunObjects(foundation, 's3:GetObject', 's3:PutObject', 's3:ListBucket'),
      errorImpact: 'The results of a fleet command are in the bucket, and nobody has summed them up.',
    });
  }
}

const tagGate = ({ config }: FleetContext): Readonly<Record<string, string>> => ({
  TAG_KEY: config.tagGate.key,
  TAG_VALUE: config.tagGate.value,
});

/** Leave to write the row, whose table DynamoDB opens with the rights of its caller. */
const onResultRow = ({ resultTable, key }: FoundationStack): PolicyStatement[] => [
  new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [resultTable.tableArn] }),
  new PolicyStatement({ actions: ['kms:Decrypt'], resources: [key.keyArn] }),
];
