import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { DescribeImagesCommand, type EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  ListExecutionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { Bars } from './bars.ts';
import { describeGroups, isRenewed, type Group } from './groups.ts';
import { good, indented, line } from './print.ts';

/** Where `npm run sandbox` listens, so that the lines shown work there. */
const AT = '--endpoint-url http://127.0.0.1:4600';
const PARAMETER = '/ami/linux/test';
const FOLLOWERS = { key: 'fleetwright:ami', value: 'linux-test' };
const NEW_AMI = 'al2023-next';

const POLL_MILLISECONDS = 200;
/** Of real time: a rule that starts nothing must not hold the demo up. */
const PATIENCE_MILLISECONDS = 20_000;

/** The part of ami-rollout's result that the demo shows. See docs/runbooks/ami-rollout.md. */
const Result = z.object({
  status: z.string(),
  statusReason: z.string(),
  waves: z.number(),
  counts: z.record(z.string(), z.number()),
  resultsUri: z.string(),
});

export interface RolloutStep {
  readonly autoScaling: AutoScalingClient;
  readonly ec2: EC2Client;
  readonly sfn: SFNClient;
  readonly ssm: SSMClient;
  /** Of the runbook ami-rollout. */
  readonly stateMachineArn: string;
}

/** Writes a new AMI id into the parameter, and follows the rollout that the rule starts. Rejects unless all groups end on the AMI. */
export async function rollOut(step: RolloutStep): Promise<void> {
  const imageId = await idOf(step.ec2, NEW_AMI);
  const before = new Set(await executionsOf(step));
  indented(`aws ssm put-parameter --overwrite --name ${PARAMETER} --value ${imageId} ${AT}`, '$');
  await step.ssm.send(new PutParameterCommand({ Name: PARAMETER, Value: imageId, Overwrite: true }));
  const executionArn = await started(step, before);
  line(`   The rule has started ${executionArn.split(':').slice(-2).join(' ')}`);
  const ended = await follow(step, executionArn, imageId);
  report(ended);
  requireRenewed(await describeGroups(step, FOLLOWERS, imageId), imageId);
  const query = `--query 'AutoScalingGroups[].[AutoScalingGroupName,Instances[].LaunchTemplate.Version]' --output text`;
  indented(`aws autoscaling describe-auto-scaling-groups ${query} ${AT}`, '$');
  line(`   ${good(`every machine of every group is on ${imageId}`)}`);
}

/** An AMI of the account by its name. Source: EC2 DescribeImages. */
async function idOf(ec2: EC2Client, name: string): Promise<string> {
  const Filters = [{ Name: 'name', Values: [name] }];
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'], Filters }));
  const [id] = Images.flatMap(({ ImageId }) => ImageId ?? []);
  if (id === undefined) throw new Error(`the demo's fleet has no AMI ${name}`);
  return id;
}

async function executionsOf({ sfn, stateMachineArn }: RolloutStep): Promise<string[]> {
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  return executions.flatMap(({ executionArn }) => executionArn ?? []);
}

/** The execution that was not there before. */
async function started(step: RolloutStep, before: ReadonlySet<string>): Promise<string> {
  for (let waited = 0; waited < PATIENCE_MILLISECONDS; waited += POLL_MILLISECONDS) {
    const arn = (await executionsOf(step)).find((each) => !before.has(each));
    if (arn !== undefined) return arn;
    await sleep(POLL_MILLISECONDS);
  }
  throw new Error(`no rollout has started ${PATIENCE_MILLISECONDS / 1000} s after ${PARAMETER} was written`);
}

/** Draws the bars until the execution has ended. */
async function follow(
  step: RolloutStep,
  executionArn: string,
  imageId: string,
): Promise<DescribeExecutionCommandOutput> {
  const bars = new Bars();
  for (;;) {
    const execution = await step.sfn.send(new DescribeExecutionCommand({ executionArn }));
    const groups = await describeGroups(step, FOLLOWERS, imageId);
    bars.show(groups.map(({ name, desired, renewed }) => ({ name, done: renewed, total: desired, note: imageId })));
    if (execution.status !== 'RUNNING') return execution;
    await sleep(POLL_MILLISECONDS);
  }
}

function report({ status, output, error, cause, startDate, stopDate }: DescribeExecutionCommandOutput): void {
  if (status !== 'SUCCEEDED') throw new Error(`the rollout ended ${status ?? ''}: ${error ?? ''} ${cause ?? ''}`);
  const result = Result.parse(JSON.parse(output ?? ''));
  if (result.status !== 'Completed') throw new Error(`the rollout came to ${result.status}: ${result.statusReason}`);
  const minutes = ((stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0)) / 60_000;
  line(`   ${good(result.status)} in ${result.waves} waves and ${minutes.toFixed(0)} minutes of AWS's time`);
  const counts = Object.entries(result.counts).filter(([, count]) => count > 0);
  line(`   ${counts.map(([name, count]) => `${name}: ${count}`).join(', ')}`);
  line(`   the report: ${result.resultsUri}`);
}

function requireRenewed(groups: readonly Group[], imageId: string): void {
  const behind = groups.filter((group) => !isRenewed(group));
  if (groups.length > 0 && behind.length === 0) return;
  const told = behind.map(({ name, renewed, members }) => `${name} with ${renewed} of ${members} machines`);
  throw new Error(
    `not wholly on ${imageId}: ${told.length === 0 ? 'no group follows the parameter' : told.join(', ')}`,
  );
}
