import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DescribeExecutionCommand, ExecutionDoesNotExist } from '@aws-sdk/client-sfn';
import * as z from './lib/zod.ts';
import { autoScalingClient, dynamoDbClient, ec2Client, sfnClient, ssmClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { AmiNotUsable, ParameterNotFound } from './lib/errors.ts';
import { readExclusions } from './lib/exclusions-reader.ts';
import { survey } from './lib/groups/survey.ts';
import { livenessAt } from './lib/locks/is-alive.ts';
import { executionArnOf } from './lib/machines.ts';
import { judge, type Seen } from './lib/rollout/drift.ts';
import { rolloutName } from './lib/rollout/execution-name.ts';
import { imageIdIn, readParameter, type FoundParameter } from './lib/rollout/parameter.ts';
import { planOf } from './lib/rollout/plan.ts';
import { readPolicy } from './lib/rollout/policies.ts';
import { RolloutTable, type Outcome } from './lib/rollout/rollout-table.ts';
import { readTargets } from './lib/rollout/targets.ts';
import type { ParameterState } from './lib/schemas/ami-rollout.ts';
import { DriftReport } from './lib/schemas/check-drift.ts';
import { Execution, Timestamp } from './lib/schemas/common.ts';
import { ParameterName, type RolloutPolicy } from './lib/schemas/rollout-policy.ts';
import { task } from './lib/task.ts';

const text = z.string().check(z.minLength(1));
const { ROLLOUT_TABLE, STATE_MACHINE_ARN, TAG_KEY, TAG_VALUE } = readEnv({
  ROLLOUT_TABLE: text,
  /** That of ami-rollout. */
  STATE_MACHINE_ARN: text,
  TAG_KEY: text,
  TAG_VALUE: z.string(),
});
const clients = { autoScaling: autoScalingClient(), ec2: ec2Client() };
const [sfn, ssm] = [sfnClient(), ssmClient()];
const table = new RolloutTable(dynamoDbClient(), ROLLOUT_TABLE);

/** So many names are told of those that are behind. */
const MOST_NAMES = 10;

export const Input = z.strictObject({ execution: Execution, parameter: ParameterName, now: Timestamp });
export const Output = DriftReport;

/**
 * Says whether all that follows an AMI parameter runs its AMI, and if not, what is to be done about it.
 * Source: SSM GetParameter, Auto Scaling DescribeAutoScalingGroups, EC2 DescribeInstances, Step Functions DescribeExecution.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ parameter }) => parameter },
  async ({ parameter, now }): Promise<DriftReport> => {
    const policy = await readPolicy(ssm, parameter);
    const nobody = { parameter, version: null, imageId: null, behind: 0, names: [] };
    let found: FoundParameter;
    try {
      found = await readParameter(ssm, parameter);
    } catch (error) {
      if (!(error instanceof ParameterNotFound)) throw error;
      return { status: 'Unusable', ...nobody, reason: error.message };
    }
    const { state } = found;
    try {
      const imageId = imageIdIn(found);
      const names = await behindOf(policy, state, imageId);
      const known = { parameter, version: state.version, imageId, behind: names.length };
      count(parameter, names.length);
      const judgement = judge(await seen(policy, state, names.length, now));
      return { ...known, names: names.slice(0, MOST_NAMES), ...judgement };
    } catch (error) {
      if (!(error instanceof AmiNotUsable)) throw error;
      return { status: 'Unusable', ...nobody, version: state.version, reason: error.message };
    }
  },
);

/** The groups that a rollout would refresh now. */
async function behindOf(policy: RolloutPolicy, state: ParameterState, imageId: string): Promise<string[]> {
  const exclusions = await readExclusions(ssm);
  const { groups, instances, missing } = await readTargets(clients, policy.selector);
  const { groups: surveyed, facts } = await survey(clients, groups, imageId);
  const { image, ...others } = facts;
  if (image === undefined) throw new AmiNotUsable(`There is no AMI ${imageId}, or it is not shared with this account.`);
  const rollout = { ...state, imageId, trigger: 'drift' as const, dryRun: true, retry: false, requestedBy: [], policy };
  const rules = { tagGate: { key: TAG_KEY, value: TAG_VALUE }, exclusions };
  const known = { surveyed, instances, missing, facts: { image, ...others }, rules, reporting: new Set<string>() };
  return planOf(rollout, known).planned.map(({ name }) => name);
}

async function seen({ drift }: RolloutPolicy, state: ParameterState, behind: number, now: string): Promise<Seen> {
  const outcome = await table.outcomeOf(state);
  const isRunning = outcome?.outcome === 'Running' && (await isAlive(outcome, now));
  const begun = outcome === undefined && behind > 0 ? await begunOf(state) : 'never';
  return { behind, outcome, isRunning, begun, drift };
}

const isAlive = ({ executionArn, at }: Outcome, now: string): Promise<boolean> =>
  livenessAt(sfn, now)({ executionArn, acquiredAt: at, redriveCount: 0, target: '', runbook: 'ami-rollout' });

async function begunOf(state: ParameterState): Promise<Seen['begun']> {
  const executionArn = executionArnOf(STATE_MACHINE_ARN, rolloutName(state));
  try {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING' || status === 'PENDING_REDRIVE' ? 'runs' : 'ended';
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return 'never';
    throw error;
  }
}

const count = (parameter: string, behind: number): void =>
  void new Metrics()
    .singleMetric()
    .addDimension('parameter', parameter)
    .addMetric('DriftedTargets', MetricUnit.Count, behind);
