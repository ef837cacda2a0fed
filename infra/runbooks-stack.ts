import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { FleetContext } from './constructs/fleet-context.ts';
import type { FleetFunction } from './constructs/fleet-function.ts';
import { pascalCase } from './constructs/pascal-case.ts';
import type { Runbook } from './constructs/runbook.ts';
import type { FoundationStack } from './foundation-stack.ts';
import { RolloutTrigger } from './rollouts/trigger.ts';
import { AmiRollout } from './runbooks/ami-rollout.ts';
import { CheckDrift } from './runbooks/check-drift.ts';
import { CompleteExecution } from './runbooks/complete-execution.ts';
import { FleetCommand } from './runbooks/fleet-command.ts';
import { Locks } from './runbooks/locks.ts';
import { RefreshAsg } from './runbooks/refresh-asg.ts';
import { RunCommand } from './runbooks/run-command.ts';
import { StartAssociation } from './runbooks/start-association.ts';

export interface RunbooksStackProps extends StackProps {
  readonly context: FleetContext;
  readonly foundation: FoundationStack;
}

/** The runbooks, and the rule that follows up their ends. */
export class RunbooksStack extends Stack {
  /** Those that people start, which is all but the one that completes the others. */
  readonly runbooks: readonly Runbook[];
  readonly functions: readonly FleetFunction[];

  constructor(scope: Construct, id: string, { context, foundation, ...props }: RunbooksStackProps) {
    super(scope, id, props);
    const locks = new Locks(this, 'Locks', { context, foundation });
    const { acquireLocks, releaseLocks } = locks;
    const shared = { context, foundation, locks };
    const runCommand = new RunCommand(this, 'RunCommand', shared);
    const { cancelCommand } = runCommand;
    const fleetCommand = new FleetCommand(this, 'FleetCommand', { ...shared, cancelCommand });
    const startAssociation = new StartAssociation(this, 'StartAssociation', shared);
    const refreshAsg = new RefreshAsg(this, 'RefreshAsg', shared);
    const amiRollout = new AmiRollout(this, 'AmiRollout', { ...shared, refreshAsg: refreshAsg.runbook });
    const trigger = new RolloutTrigger(this, 'RolloutTrigger', { context, amiRollout: amiRollout.runbook });
    const { followAmiParameter } = trigger;
    const checkDrift = new CheckDrift(this, 'CheckDrift', {
      ...{ context, foundation, followAmiParameter },
      amiRollout: amiRollout.runbook,
    });
    this.runbooks = [
      runCommand.runbook,
      fleetCommand.runbook,
      startAssociation.runbook,
      refreshAsg.runbook,
      amiRollout.runbook,
      checkDrift.runbook,
    ];
    this.functions = [
      ...runCommand.functions,
      ...fleetCommand.functions,
      acquireLocks,
      releaseLocks,
      ...startAssociation.functions,
      ...refreshAsg.functions,
      ...amiRollout.functions,
      followAmiParameter,
      ...checkDrift.functions,
    ];
    locks.heldBy(
      'Targets',
      [runCommand.runbook, fleetCommand.runbook, startAssociation.runbook, refreshAsg.runbook],
      [acquireLocks, fleetCommand.gateBatch],
    );
    locks.heldBy('Parameters', [amiRollout.runbook], [amiRollout.claimRollout]);
    const { runbook: completion, deadLetters } = new CompleteExecution(this, 'CompleteExecution', {
      context,
      foundation,
      cancelCommand,
      releaseLocks,
      runbooks: this.runbooks,
    });
    const queues = {
      CompleteExecutionDeadLettersUrl: deadLetters,
      AmiParameterEventsUndeliveredUrl: trigger.undelivered,
      AmiParameterEventsFailedUrl: trigger.failed,
      CheckDriftDeadLettersUrl: checkDrift.deadLetters,
    };
    for (const [id, { queueUrl }] of Object.entries(queues)) new CfnOutput(this, id, { value: queueUrl });
    for (const { name, stateMachine } of [...this.runbooks, completion]) {
      const id = `${pascalCase(name)}StateMachine`;
      new CfnOutput(this, `${id}Arn`, { value: stateMachine.stateMachineArn });
      new CfnOutput(this, `${id}Name`, { value: stateMachine.stateMachineName });
    }
    for (const each of this.functions) each.addNameOutput();
  }
}
