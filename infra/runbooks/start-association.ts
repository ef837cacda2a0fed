import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgePattern } from '../constructs/acknowledge-pattern.ts';
import type { FleetContext } from '../constructs/fleet-context.ts';
import { FleetFunction } from '../constructs/fleet-function.ts';
import type { FleetFunctionProps } from '../constructs/fleet-function.ts';
import { Runbook } from '../constructs/runbook.ts';
import { allowUnscoped } from '../constructs/unscoped-actions.ts';
import type { FoundationStack } from '../foundation-stack.ts';
import type { Locks } from './locks.ts';
import { readExclusions } from './read-exclusions.ts';
import { recordResult } from './record-result.ts';

export interface StartAssociationProps {
  readonly context: FleetContext;
  readonly foundation: FoundationStack;
  readonly locks: Locks;
}

/** The runbook `start-association`: a State Manager association, run once on all of its targets. */
export class StartAssociation extends Construct {
  readonly runbook: Runbook;
  readonly functions: readonly FleetFunction[];

  constructor(scope: Construct, id: string, props: StartAssociationProps) {
    super(scope, id);
    const { context, foundation, locks } = props;
    this.functions = [this.#validateAssociation(props), this.#startAssociation(props), this.#checkAssociation(props)];
    this.runbook = new Runbook(this, 'Runbook', {
      context,
      name: 'start-association',
      functions: [...this.functions, locks.acquireLocks, locks.releaseLocks],
      substitutions: {
        ResultTableName: foundation.resultTable.tableName,
        NotificationTopicArn: foundation.topic.topicArn,
        NotifyOnSuccess: String(context.config.notifyOnSuccess),
      },
      statements: recordResult(foundation),
      errorImpact:
        'Whether the association ran, and on what, is not told. The notification and the result row say why and what to do next.',
    });
  }

  #validateAssociation({ context, foundation }: StartAssociationProps): FleetFunction {
    return this.#onAssociations('ValidateAssociation', ['ssm:DescribeAssociation'], {
      context,
      name: 'validate-association',
      description: 'Says whether an association may be started',
      ...gated(context, foundation),
      errorImpact:
        'Requests are refused before anything is started, which is what it is for unless the requests are right.',
      // Every refusal of a bad request counts as an error; one is no news.
      errorsToAlarm: 5,
    });
  }

  #startAssociation({ context, foundation }: StartAssociationProps): FleetFunction {
    return this.#onAssociations('StartAssociation', ['ssm:DescribeAssociation', 'ssm:StartAssociationsOnce'], {
      context,
      name: 'start-association',
      description: 'Starts an association once, after another look at its targets',
      ...gated(context, foundation),
      errorImpact: 'Associations are not started.',
    });
  }

  #checkAssociation({ context }: StartAssociationProps): FleetFunction {
    const actions = ['ssm:DescribeAssociationExecutions', 'ssm:DescribeAssociationExecutionTargets'];
    return this.#onAssociations('CheckAssociation', actions, {
      context,
      name: 'check-association',
      description: 'Says how far an association has got',
      statements: [],
      errorImpact: 'An association ran out of time, or cannot be followed; it goes on.',
    });
  }

  /** A function that may do something to associations, which have ids that no one knows before they are made. */
  #onAssociations(id: string, actions: string[], props: FleetFunctionProps): FleetFunction {
    const associations = `arn:${Stack.of(this).partition}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:association/*`;
    const made = new FleetFunction(this, id, {
      ...props,
      statements: [new PolicyStatement({ actions, resources: [associations] }), ...props.statements],
    });
    acknowledgePattern(
      made.role,
      'Which association is said by the request; its targets are held to the tag.',
      associations,
    );
    return made;
  }
}

/** What a function needs to hold the targets of an association to the tag and the exclusions. */
function gated(
  { config }: FleetContext,
  foundation: FoundationStack,
): Pick<FleetFunctionProps, 'environment' | 'statements'> {
  const exclusions = readExclusions(config, foundation);
  return {
    environment: { TAG_KEY: config.tagGate.key, TAG_VALUE: config.tagGate.value, ...exclusions.environment },
    statements: [allowUnscoped('ec2:DescribeInstances', 'ssm:DescribeInstanceInformation'), exclusions.statement],
  };
}
