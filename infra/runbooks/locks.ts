import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgePattern } from '../constructs/acknowledge-pattern.ts';
import type { FleetContext } from '../constructs/fleet-context.ts';
import { FleetFunction } from '../constructs/fleet-function.ts';
import type { Runbook } from '../constructs/runbook.ts';
import { BY_EXECUTION } from '../foundation-stack.ts';
import type { FoundationStack } from '../foundation-stack.ts';

export interface LocksProps {
  readonly context: FleetContext;
  readonly foundation: FoundationStack;
}

/** The functions that lock targets for runbooks and give the locks back. */
export class Locks extends Construct {
  readonly acquireLocks: FleetFunction;
  readonly releaseLocks: FleetFunction;
  readonly #foundation: FoundationStack;

  constructor(scope: Construct, id: string, { context, foundation }: LocksProps) {
    super(scope, id);
    this.#foundation = foundation;
    const { lockTable } = foundation;
    const { environment } = this;
    this.acquireLocks = new FleetFunction(this, 'AcquireLocks', {
      context,
      name: 'acquire-locks',
      description: 'Locks targets for an execution',
      environment,
      statements: [this.take()],
      errorImpact:
        'Runbooks are refused because others work on their targets, or cannot lock them; they change nothing.',
      // Every TargetLocked counts as an error; one is no news.
      errorsToAlarm: 5,
    });
    this.releaseLocks = new FleetFunction(this, 'ReleaseLocks', {
      context,
      name: 'release-locks',
      description: 'Gives the locks of an execution back',
      environment,
      statements: [
        this.release(),
        new PolicyStatement({
          actions: ['dynamodb:Query'],
          resources: [`${lockTable.tableArn}/index/${BY_EXECUTION}`],
        }),
      ],
      errorImpact: 'Locks of executions that have ended stay until somebody wants them, who takes them over.',
    });
  }

  /** What a runbook or a function may do that gives locks back by itself. */
  release(): PolicyStatement {
    return new PolicyStatement({ actions: ['dynamodb:DeleteItem'], resources: [this.#foundation.lockTable.tableArn] });
  }

  /** What functions know the lock table by. */
  get environment(): Readonly<Record<string, string>> {
    return { LOCK_TABLE: this.#foundation.lockTable.tableName, LOCK_INDEX: BY_EXECUTION };
  }

  /** What a function may do that makes sure of a lock that its execution has. */
  hold(): PolicyStatement {
    return new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [this.#foundation.lockTable.tableArn] });
  }

  /** What a function may do that takes locks, and gives them back if need be; `heldBy` has to know it, too. */
  take(): PolicyStatement {
    return new PolicyStatement({
      actions: ['dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      resources: [this.#foundation.lockTable.tableArn],
    });
  }

  /** Says whose executions hold locks on what, so that those who take them can ask whether they run. */
  heldBy(what: 'Targets' | 'Parameters', runbooks: readonly Runbook[], takers: readonly FleetFunction[]): void {
    const roles = takers.map(({ role }) => role);
    const executions = runbooks.map(({ stateMachine }) =>
      Stack.of(this).formatArn({
        service: 'states',
        resource: 'execution',
        resourceName: `${stateMachine.stateMachineName}:*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    );
    // A policy of its own, for which the function need not wait: the runbooks wait for the function.
    const policy = new Policy(this, `DescribeHoldersOf${what}`, {
      roles,
      statements: [new PolicyStatement({ actions: ['states:DescribeExecution'], resources: executions })],
    });
    for (const execution of executions)
      acknowledgePattern(
        policy,
        'Executions have names of their own, behind the name of their state machine.',
        execution,
      );
  }
}
