import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgePattern } from './acknowledge-pattern.ts';
import type { Runbook } from './runbook.ts';

/** The rule by which Step Functions learns that a nested execution has ended. */
const NESTED_RULE = 'StepFunctionsGetEventsForStepFunctionsExecutionRule';

export interface ChildExecutionsProps {
  /** Whose state machine starts others, by `startExecution.sync:2`, from children of a Distributed Map of its own. */
  readonly parent: Runbook;
  readonly children: readonly Runbook[];
}

/**
 * What a role needs whose state machine has a Distributed Map that runs nested executions; a definition that is given as
 * text says none of it to the CDK. Source: Step Functions Developer Guide, "IAM policies for AWS Step Functions
 * workflow executions", "IAM policies for using Distributed Map states".
 */
export class ChildExecutions extends Construct {
  constructor(scope: Construct, id: string, { parent, children }: ChildExecutionsProps) {
    super(scope, id);
    const ofMap = executionsOf(parent, '/*');
    const ofChildren = children.map((child) => executionsOf(child, ':*'));
    const rule = Stack.of(this).formatArn({ service: 'events', resource: 'rule', resourceName: NESTED_RULE });
    // A policy of its own, for which the state machine need not wait: it is named here.
    const policy = new Policy(this, 'Policy', {
      roles: [parent.role],
      statements: [
        allow(
          ['states:StartExecution'],
          [parent, ...children].map(({ stateMachine }) => stateMachine.stateMachineArn),
        ),
        allow(['states:DescribeExecution', 'states:StopExecution'], [ofMap, ...ofChildren]),
        allow(['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], [rule]),
      ],
    });
    for (const executions of [ofMap, ...ofChildren])
      acknowledgePattern(
        policy,
        'Executions have names of their own, behind the name of their state machine.',
        executions,
      );
  }
}

const allow = (actions: string[], resources: string[]): PolicyStatement => new PolicyStatement({ actions, resources });

/** Children of a Distributed Map stand behind its label, all others behind a colon. */
const executionsOf = ({ stateMachine }: Runbook, which: '/*' | ':*'): string =>
  Stack.of(stateMachine).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${stateMachine.stateMachineName}${which}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
