import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { FleetContext } from '../constructs/fleet-context.ts';
import { FleetFunction } from '../constructs/fleet-function.ts';
import type { FleetFunctionProps } from '../constructs/fleet-function.ts';
import { Runbook } from '../constructs/runbook.ts';
import { allowUnscoped } from '../constructs/unscoped-actions.ts';
import type { FoundationStack } from '../foundation-stack.ts';
import {
  acknowledgeGroups,
  acknowledgeLaunches,
  changeGroups,
  createVersions,
  launchByTemplate,
} from './auto-scaling.ts';
import type { Locks } from './locks.ts';
import { readExclusions } from './read-exclusions.ts';
import { recordResult } from './record-result.ts';

export interface RefreshAsgProps {
  readonly context: FleetContext;
  readonly foundation: FoundationStack;
  readonly locks: Locks;
}

/** What a function may know and do, in words. */
interface May {
  /** Reads what decides whether a group may be touched, and is given the tag and the exclusions. */
  readonly gates?: boolean;
  /** Makes sure that its execution has the lock. */
  readonly holds?: boolean;
  /** Changes groups with the tag. */
  readonly changes?: readonly string[];
  /** Has instances launched, or asks whether they would be. */
  readonly launches?: boolean;
}

type Described = Pick<FleetFunctionProps, 'name' | 'description' | 'errorImpact'> & Partial<FleetFunctionProps>;

/** The runbook `refresh-asg`: one Auto Scaling group, brought onto an AMI. */
export class RefreshAsg extends Construct {
  readonly runbook: Runbook;
  readonly functions: readonly FleetFunction[];
  readonly #props: RefreshAsgProps;

  constructor(scope: Construct, id: string, props: RefreshAsgProps) {
    super(scope, id);
    this.#props = props;
    const { context, foundation, locks } = props;
    this.functions = [...this.#deciding(), ...this.#changing(), ...this.#following()];
    this.runbook = new Runbook(this, 'Runbook', {
      context,
      name: 'refresh-asg',
      functions: [...this.functions, locks.acquireLocks, locks.releaseLocks],
      substitutions: {
        ResultTableName: foundation.resultTable.tableName,
        NotificationTopicArn: foundation.topic.topicArn,
        NotifyOnSuccess: String(context.config.notifyOnSuccess),
      },
      statements: recordResult(foundation),
      errorImpact:
        'A group was not refreshed, or what became of it is not told. The notification and the result row say why and what to do next.',
    });
  }

  /** Those that only read, before anything is changed. */
  #deciding(): FleetFunction[] {
    const validateAsg = this.#function(
      'ValidateAsg',
      [allowUnscoped('ec2:DescribeImages', 'ec2:DescribeInstanceTypes', 'ec2:DescribeLaunchTemplateVersions')],
      { gates: true },
      {
        name: 'validate-asg',
        description: 'Says whether a group can be refreshed to an AMI',
        errorImpact: 'Requests are refused before anything is changed, which is what it is for unless they are right.',
        // Every refusal of a bad request counts as an error; one is no news.
        errorsToAlarm: 5,
      },
    );
    const findInstanceRefresh = this.#function(
      'FindInstanceRefresh',
      [allowUnscoped('autoscaling:DescribeInstanceRefreshes')],
      { gates: true, holds: true, changes: ['autoscaling:CancelInstanceRefresh'] },
      {
        name: 'find-instance-refresh',
        description: "Says whether somebody else's instance refresh is under way",
        errorImpact: 'Groups are not refreshed, because others refresh them.',
      },
    );
    return [validateAsg, findInstanceRefresh];
  }

  #changing(): FleetFunction[] {
    const pinTemplate = this.#function(
      'PinTemplate',
      [allowUnscoped('ec2:DescribeLaunchTemplateVersions')],
      { gates: true, holds: true, launches: true, changes: ['autoscaling:UpdateAutoScalingGroup'] },
      {
        name: 'pin-template',
        description: 'Pins a group to numbered versions of its launch templates',
        errorImpact: 'Groups are not refreshed.',
      },
    );
    const createTemplateVersion = this.#function(
      'CreateTemplateVersion',
      [
        allowUnscoped('ec2:DescribeImages', 'ec2:DescribeInstanceTypes', 'ec2:DescribeLaunchTemplateVersions'),
        createVersions(this),
      ],
      { gates: true, holds: true, launches: true },
      {
        name: 'create-template-version',
        description: 'Makes versions of launch templates with another AMI',
        errorImpact: 'Groups are not refreshed.',
      },
    );
    const startInstanceRefresh = this.#function(
      'StartInstanceRefresh',
      [allowUnscoped('autoscaling:DescribeInstanceRefreshes')],
      { gates: true, holds: true, launches: true, changes: ['autoscaling:StartInstanceRefresh'] },
      {
        name: 'start-instance-refresh',
        description: 'Starts an instance refresh to numbered versions',
        errorImpact: 'Groups are not refreshed, or do not go back where they should.',
      },
    );
    return [pinTemplate, createTemplateVersion, startInstanceRefresh];
  }

  #following(): FleetFunction[] {
    const checkInstanceRefresh = this.#function(
      'CheckInstanceRefresh',
      [allowUnscoped('autoscaling:DescribeInstanceRefreshes')],
      {},
      {
        name: 'check-instance-refresh',
        description: 'Says how far an instance refresh has got',
        errorImpact: 'An instance refresh cannot be followed; it goes on.',
      },
    );
    const rollbackInstanceRefresh = this.#function(
      'RollbackInstanceRefresh',
      [allowUnscoped('autoscaling:DescribeInstanceRefreshes')],
      { holds: true, changes: ['autoscaling:RollbackInstanceRefresh'] },
      {
        name: 'rollback-instance-refresh',
        description: 'Rolls an instance refresh back',
        errorImpact: 'Groups do not go back where they should.',
      },
    );
    const verifyAsg = this.#function(
      'VerifyAsg',
      [
        allowUnscoped(
          ...(['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeInstanceRefreshes'] as const),
          ...(['ec2:DescribeInstances', 'ec2:DescribeLaunchTemplateVersions'] as const),
        ),
      ],
      {},
      {
        name: 'verify-asg',
        description: 'Says what became of a group',
        errorImpact: 'What became of groups is not told.',
      },
    );
    return [checkInstanceRefresh, rollbackInstanceRefresh, verifyAsg];
  }

  #function(id: string, own: readonly PolicyStatement[], may: May, described: Described): FleetFunction {
    const { context, foundation, locks } = this.#props;
    const { gates = false, holds = false, changes = [], launches = false } = may;
    const exclusions = readExclusions(context.config, foundation);
    const { key, value } = context.config.tagGate;
    const made = new FleetFunction(this, id, {
      context,
      ...described,
      environment: {
        ...(gates && { TAG_KEY: key, TAG_VALUE: value, ...exclusions.environment }),
        ...(holds && locks.environment),
      },
      statements: [
        ...own,
        ...(gates
          ? [allowUnscoped('autoscaling:DescribeAutoScalingGroups', 'ec2:DescribeInstances'), exclusions.statement]
          : []),
        ...(holds ? [locks.hold()] : []),
        ...(changes.length > 0 ? [changeGroups(this, context, ...changes)] : []),
        ...(launches ? launchByTemplate(this) : []),
      ],
    });
    if (changes.length > 0) acknowledgeGroups(made.role);
    if (launches) acknowledgeLaunches(made.role);
    return made;
  }
}
