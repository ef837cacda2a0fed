import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from './config.ts';
import type { Bundles } from './constructs/bundle.ts';
import type { FleetContext } from './constructs/fleet-context.ts';
import { pascalCase } from './constructs/runbook.ts';
import type { FoundationStack } from './foundation-stack.ts';
import { CompleteExecution } from './runbooks/complete-execution.ts';
import { SavedQueries } from './constructs/saved-queries.ts';
import { RunCommand } from './runbooks/run-command.ts';

export interface RunbooksStackProps extends StackProps {
  readonly environment: string;
  readonly config: Config;
  readonly bundles: Bundles;
  readonly foundation: FoundationStack;
}

/** The runbooks, and the rule that follows up their ends. */
export class RunbooksStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { environment, config, bundles, foundation, ...props }: RunbooksStackProps,
  ) {
    super(scope, id, props);
    const context: FleetContext = {
      environment,
      config,
      bundles,
      alerting: { topic: foundation.topic, actionsEnabled: config.alarmActionsEnabled },
    };
    const { runbook, functions, cancelCommand } = new RunCommand(this, 'RunCommand', { context, foundation });
    const { runbook: completion, deadLetters } = new CompleteExecution(this, 'CompleteExecution', {
      context,
      foundation,
      cancelCommand,
      runbooks: [runbook],
    });
    new SavedQueries(this, 'SavedQueries', {
      context,
      logGroups: functions.map((fleetFunction) => fleetFunction.function.logGroup),
    });
    new CfnOutput(this, 'CompleteExecutionDeadLettersUrl', { value: deadLetters.queueUrl });
    for (const { name, stateMachine } of [runbook, completion]) {
      const id = `${pascalCase(name)}StateMachine`;
      new CfnOutput(this, `${id}Arn`, { value: stateMachine.stateMachineArn });
      new CfnOutput(this, `${id}Name`, { value: stateMachine.stateMachineName });
    }
    for (const fleetFunction of functions) {
      const value = fleetFunction.function.functionName;
      new CfnOutput(this, `${pascalCase(fleetFunction.name)}FunctionName`, { value });
    }
  }
}
