import { Construct } from 'constructs';
import { ChildExecutions } from '../constructs/child-executions.ts';
import type { FleetContext } from '../constructs/fleet-context.ts';
import type { FleetFunction } from '../constructs/fleet-function.ts';
import { Runbook } from '../constructs/runbook.ts';
import type { FoundationStack } from '../foundation-stack.ts';
import type { Locks } from './locks.ts';
import { recordResult } from './record-result.ts';
import { RolloutFunctions } from './rollout-functions.ts';
import { acknowledgeRunObjects, onRunObjects } from './run-objects.ts';

export interface AmiRolloutProps {
  readonly context: FleetContext;
  readonly foundation: FoundationStack;
  readonly locks: Locks;
  /** What rolls one group. */
  readonly refreshAsg: Runbook;
}

/** The runbook `ami-rollout`: a new AMI through all that follows its parameter. */
export class AmiRollout extends Construct {
  readonly runbook: Runbook;
  readonly functions: readonly FleetFunction[];
  /** Asks whether the holders of locks run. */
  readonly claimRollout: FleetFunction;

  constructor(scope: Construct, id: string, props: AmiRolloutProps) {
    super(scope, id);
    const { context, foundation, refreshAsg } = props;
    const functions = new RolloutFunctions(this, 'Functions', props);
    this.functions = functions.all;
    this.claimRollout = functions.claimRollout;
    this.runbook = new Runbook(this, 'Runbook', {
      context,
      name: 'ami-rollout',
      functions: this.functions,
      substitutions: {
        RefreshAsgStateMachineArn: refreshAsg.stateMachine.stateMachineArn,
        ResultTableName: foundation.resultTable.tableName,
        NotificationTopicArn: foundation.topic.topicArn,
        NotifyOnSuccess: String(context.config.notifyOnSuccess),
      },
      statements: [...recordResult(foundation), ...onRunObjects(foundation, 's3:GetObject')],
      errorImpact:
        'Some groups may be on the new AMI and others not. The notification, the result row and the report in S3 say which, and how to go on.',
    });
    acknowledgeRunObjects(this.runbook.role, foundation);
    new ChildExecutions(this, 'Children', { parent: this.runbook, children: [refreshAsg] });
  }
}
