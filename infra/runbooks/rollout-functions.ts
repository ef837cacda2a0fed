import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgePattern } from '../constructs/acknowledge-pattern.ts';
import { FleetFunction } from '../constructs/fleet-function.ts';
import type { FleetFunctionProps } from '../constructs/fleet-function.ts';
import { pascalCase } from '../constructs/pascal-case.ts';
import { allowUnscoped } from '../constructs/unscoped-actions.ts';
import { rolloutPolicies } from '../rollouts/policies.ts';
import type { AmiRolloutProps } from './ami-rollout.ts';
import { readExclusions } from './read-exclusions.ts';
import { acknowledgeRunObjects, onRunObjects, type RunObjectAction } from './run-objects.ts';

/** A thousand groups and ten thousand machines are described by the page. */
const LONG_SECONDS = 300;

type Given = Omit<FleetFunctionProps, 'context' | 'name'>;

/** The functions of the runbook `ami-rollout`, each with what it calls and no more. */
export class RolloutFunctions extends Construct {
  readonly all: readonly FleetFunction[];
  readonly claimRollout: FleetFunction;
  readonly beginWaiting: FleetFunction;
  readonly beginWave: FleetFunction;
  readonly #props: AmiRolloutProps;

  constructor(scope: Construct, id: string, props: AmiRolloutProps) {
    super(scope, id);
    this.#props = props;
    this.claimRollout = this.#claimRollout();
    this.beginWaiting = this.#beginWaiting();
    this.beginWave = this.#beginWave();
    this.all = [
      this.#readAmiParameter(),
      this.#rollBackParameter(),
      this.claimRollout,
      this.#checkAmi(),
      this.#planRollout(),
      this.#requestApproval(),
      this.beginWaiting,
      this.beginWave,
      this.#judgeWave(),
      this.#checkWave(),
      this.#prepareRollback(),
      this.#finishRollout(),
    ];
  }

  #add(name: string, given: Given): FleetFunction {
    return new FleetFunction(this, pascalCase(name), { context: this.#props.context, name, ...given });
  }

  /** One that keeps what it knows of a run in the output bucket. */
  #addWithObjects(
    name: string,
    { statements, environment, ...given }: Given,
    ...actions: RunObjectAction[]
  ): FleetFunction {
    const { foundation } = this.#props;
    const made = this.#add(name, {
      ...given,
      environment: { ...environment, OUTPUT_BUCKET: foundation.outputBucket.bucketName },
      statements: [...statements, ...onRunObjects(foundation, ...actions)],
    });
    acknowledgeRunObjects(made.role, foundation);
    return made;
  }

  get #policies() {
    return rolloutPolicies(this, this.#props.context);
  }

  get #exclusions() {
    const { context, foundation } = this.#props;
    return readExclusions(context.config, foundation);
  }

  get #tables(): Readonly<Record<string, string>> {
    return { ROLLOUT_TABLE: this.#props.foundation.rolloutTable.tableName };
  }

  /** Actions on the rollout table, and the leave to open the key that it is encrypted with. */
  #onRollouts(...actions: `dynamodb:${string}`[]): PolicyStatement[] {
    const { rolloutTable, key } = this.#props.foundation;
    return [
      new PolicyStatement({ actions, resources: [rolloutTable.tableArn] }),
      new PolicyStatement({ actions: ['kms:Decrypt'], resources: [key.keyArn] }),
    ];
  }

  #onResults(action: 'dynamodb:GetItem' | 'dynamodb:UpdateItem'): PolicyStatement {
    return new PolicyStatement({ actions: [action], resources: [this.#props.foundation.resultTable.tableArn] });
  }

  #readAmiParameter(): FleetFunction {
    return this.#add('read-ami-parameter', {
      description: 'Reads an AMI parameter and the policy of its rollouts',
      environment: this.#policies.environment,
      statements: [...this.#policies.readPolicies, ...this.#policies.readParameters, ...this.#policies.readHistory],
      errorImpact: 'Rollouts end before anything is changed, which is what it is for unless the parameters are right.',
      // A bad value counts as an error; one is no news.
      errorsToAlarm: 5,
    });
  }

  #rollBackParameter(): FleetFunction {
    return this.#add('roll-back-parameter', {
      description: 'Writes the value that was rolled out before as a new version',
      environment: this.#tables,
      statements: [
        ...this.#policies.readParameters,
        ...this.#policies.readHistory,
        ...this.#policies.writeParameters,
        // Parameter Store looks at the AMI in the name of whoever writes a parameter of the data type aws:ec2:image.
        allowUnscoped('ec2:DescribeImages'),
        ...this.#onRollouts('dynamodb:GetItem', 'dynamodb:PutItem'),
      ],
      errorImpact: 'Nobody can roll back through the API. Writing the parameter by hand does the same.',
    });
  }

  #claimRollout(): FleetFunction {
    const { locks } = this.#props;
    return this.#add('claim-rollout', {
      description: 'Lets one rollout of a parameter go on, the newest',
      environment: { ...locks.environment, ...this.#tables },
      statements: [
        locks.hold(),
        ...this.#onRollouts('dynamodb:GetItem', 'dynamodb:UpdateItem'),
        allowUnscoped('states:SendTaskFailure'),
      ],
      errorImpact: 'Rollouts end before anything is changed.',
    });
  }

  #checkAmi(): FleetFunction {
    const { partition, region } = Stack.of(this);
    const keys = `arn:${partition}:kms:${region}:*:key/*`;
    const role = `arn:${partition}:iam::${Stack.of(this).account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`;
    const made = this.#add('check-ami', {
      description: 'Says whether an AMI can be launched from at all',
      environment: { SERVICE_LINKED_ROLE_ARN: role },
      statements: [
        allowUnscoped('ec2:DescribeImages', 'ec2:DescribeSnapshots'),
        new PolicyStatement({ actions: ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:ListGrants'], resources: [keys] }),
      ],
      errorImpact: 'AMIs are refused before anything is changed, which is what it is for unless the AMIs are right.',
      errorsToAlarm: 5,
    });
    acknowledgePattern(
      made.role,
      "Which keys an AMI's snapshots are under is not known before; they are only read.",
      keys,
    );
    return made;
  }

  #planRollout(): FleetFunction {
    const { tagGate } = this.#props.context.config;
    return this.#addWithObjects(
      'plan-rollout',
      {
        description: 'Says what is rolled, in which waves, and what is left alone and why',
        timeoutSeconds: LONG_SECONDS,
        environment: { TAG_KEY: tagGate.key, TAG_VALUE: tagGate.value, ...this.#exclusions.environment },
        statements: [
          allowUnscoped(
            'autoscaling:DescribeAutoScalingGroups',
            'ec2:DescribeImages',
            'ec2:DescribeInstances',
            'ec2:DescribeInstanceTypes',
            'ec2:DescribeLaunchTemplateVersions',
            'ssm:DescribeInstanceInformation',
          ),
          this.#exclusions.statement,
        ],
        errorImpact: 'Rollouts end before anything is changed.',
      },
      's3:PutObject',
    );
  }

  #requestApproval(): FleetFunction {
    return this.#add('request-approval', {
      description: 'Writes down what is to be approved',
      environment: this.#tables,
      statements: this.#onRollouts('dynamodb:GetItem', 'dynamodb:PutItem'),
      errorImpact: 'Rollouts that need an approval end before anything is changed.',
    });
  }

  #beginWaiting(): FleetFunction {
    return this.#add('begin-waiting', {
      description: 'Keeps the token by which a waiting rollout is woken',
      environment: { ...this.#tables, RESULT_TABLE: this.#props.foundation.resultTable.tableName },
      statements: [
        ...this.#onRollouts('dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
        this.#onResults('dynamodb:GetItem'),
        allowUnscoped('states:SendTaskFailure'),
      ],
      errorImpact: 'Rollouts that wait for an approval or their window end instead.',
    });
  }

  #beginWave(): FleetFunction {
    const { foundation, locks } = this.#props;
    return this.#add('begin-wave', {
      description: 'Says whether the next wave may begin',
      environment: {
        ...locks.environment,
        ...this.#tables,
        ...this.#exclusions.environment,
        RESULT_TABLE: foundation.resultTable.tableName,
        OUTPUT_BUCKET: foundation.outputBucket.bucketName,
      },
      statements: [
        locks.hold(),
        ...this.#onRollouts('dynamodb:UpdateItem'),
        this.#onResults('dynamodb:UpdateItem'),
        ...this.#policies.readParameters,
        this.#exclusions.statement,
        allowUnscoped('cloudwatch:DescribeAlarms'),
      ],
      errorImpact: 'Rollouts end between two waves: some groups are on the new AMI and others not.',
    });
  }

  #judgeWave(): FleetFunction {
    return this.#addWithObjects(
      'judge-wave',
      {
        description: 'Says whether too much of a wave has failed',
        statements: [allowUnscoped('autoscaling:DescribeAutoScalingGroups')],
        errorImpact: 'Rollouts end after a wave: some groups are on the new AMI and others not.',
      },
      's3:GetObject',
      's3:PutObject',
      's3:ListBucket',
    );
  }

  #checkWave(): FleetFunction {
    return this.#addWithObjects(
      'check-wave',
      {
        description: 'Looks at the alarms and the machines of a wave that bakes',
        timeoutSeconds: LONG_SECONDS,
        statements: [
          allowUnscoped(
            'autoscaling:DescribeAutoScalingGroups',
            'autoscaling:DescribeScalingActivities',
            'cloudwatch:DescribeAlarms',
            'ec2:DescribeInstances',
            'ssm:DescribeInstanceInformation',
          ),
        ],
        errorImpact: 'Rollouts end after a wave: some groups are on the new AMI and others not.',
      },
      's3:GetObject',
      's3:ListBucket',
    );
  }

  #prepareRollback(): FleetFunction {
    const { stateMachineArn, stateMachineName } = this.#props.refreshAsg.stateMachine;
    const refreshes = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${stateMachineName}:rollout-*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const made = this.#addWithObjects(
      'prepare-rollback',
      {
        description: 'Says what goes back after a wave that was not good',
        timeoutSeconds: LONG_SECONDS,
        environment: { REFRESH_STATE_MACHINE_ARN: stateMachineArn },
        statements: [new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [refreshes] })],
        errorImpact: 'A rollout that went wrong is not rolled back: the report in S3 says what to run.',
      },
      's3:GetObject',
      's3:PutObject',
      's3:ListBucket',
    );
    acknowledgePattern(
      made.role,
      'Refreshes of rollouts have names of their own, behind the name of their state machine.',
      refreshes,
    );
    return made;
  }

  #finishRollout(): FleetFunction {
    const { locks } = this.#props;
    return this.#addWithObjects(
      'finish-rollout',
      {
        description: 'Says what became of a rollout, and lets the next one in',
        timeoutSeconds: LONG_SECONDS,
        environment: { ...locks.environment, ...this.#tables },
        statements: [locks.release(), ...this.#onRollouts('dynamodb:UpdateItem', 'dynamodb:DeleteItem')],
        errorImpact: 'What became of a rollout is not told, and its version counts as failed.',
      },
      's3:GetObject',
      's3:PutObject',
      's3:ListBucket',
    );
  }
}
