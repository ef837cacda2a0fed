import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SFNClient } from '@aws-sdk/client-sfn';
import { ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { runDiagnostics, showRefusal, type Refusal } from './demo/api-steps.ts';
import { runOnFleet } from './demo/fleet-step.ts';
import { describeFleet, pick } from './demo/fleet.ts';
import { fleetTable, heading, line } from './demo/print.ts';
import { rollOut } from './demo/rollout-step.ts';
import { apiClient } from './lib/api-client.ts';
import { startEmbeddedAws, type EmbeddedAws } from './lib/embedded-aws.ts';

const ASSEMBLY = 'dist/demo';
/** A rollout takes many minutes of AWS's time. */
const SPEED = 120;
const UNKNOWN_INSTANCE = 'i-0fffffffffffffff0';

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

function synthesize(): void {
  const started = performance.now();
  const run = spawnSync(process.execPath, ['scripts/synthesize.ts', ASSEMBLY], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (run.status !== 0) throw new Error('the CDK app did not synthesize; its message stands above');
  line(`   templates, bundles and state machines in ${ASSEMBLY}/ (${seconds(started)})`);
}

function clients({ endpoint, region, credentials }: EmbeddedAws) {
  const config = { endpoint, region, credentials };
  return {
    autoScaling: new AutoScalingClient(config),
    ec2: new EC2Client(config),
    sfn: new SFNClient(config),
    ssm: new SSMClient(config),
  };
}

function outputOf({ outputs }: EmbeddedAws, name: string): string {
  const value = outputs[name];
  if (value === undefined) throw new Error(`the stacks have no output ${name}`);
  return value;
}

async function show(aws: EmbeddedAws): Promise<void> {
  const { autoScaling, ec2, sfn, ssm } = clients(aws);
  const fleet = await describeFleet(ec2, ssm);
  fleetTable(fleet).forEach((row) => line(`   ${row}`));

  const api = apiClient(outputOf(aws, 'ApiEndpoint'), aws);
  heading(3, 'Run the default diagnostics on one instance, through the signed HTTP API');
  const online = pick(
    fleet,
    'tagged and online Linux',
    ({ allowed, ping, platform }) => allowed && ping === 'Online' && /Linux/.test(platform),
  );
  await runDiagnostics({ api, sfn, stateMachineArn: outputOf(aws, 'RunCommandStateMachineArn') }, online);

  heading(4, 'Three instances that must not be commanded: refused before anything is touched');
  const untagged = pick(fleet, 'running and untagged', ({ allowed, running }) => running && !allowed);
  const offline = pick(
    fleet,
    'tagged and offline',
    ({ allowed, running, ping }) => running && allowed && ping !== 'Online',
  );
  const refusals: readonly Refusal[] = [
    { what: 'does not exist', instanceId: UNKNOWN_INSTANCE, status: 404, error: 'TargetNotFound' },
    { what: `${untagged.name}, not tagged`, instanceId: untagged.instanceId, status: 403, error: 'TargetNotAllowed' },
    { what: `${offline.name}, agent offline`, instanceId: offline.instanceId, status: 409, error: 'TargetOffline' },
  ];
  for (const refusal of refusals) await showRefusal(api, refusal);
  const { Commands: commands = [] } = await ssm.send(new ListCommandsCommand({}));
  line(`   ListCommands: ${commands.length} command in all, the diagnostics above.`);
  if (commands.length !== 1) throw new Error(`${commands.length} commands were sent instead of one`);

  heading(5, 'One script on many machines, by tag: it fails on one, and one cannot be reached');
  await runOnFleet({ api, sfn, stateMachineArn: outputOf(aws, 'FleetCommandStateMachineArn') });

  heading(
    6,
    'A new AMI in Parameter Store: a rule rolls it through the Auto Scaling groups that follow it, wave by wave',
  );
  await rollOut({ autoScaling, ec2, sfn, ssm, stateMachineArn: outputOf(aws, 'AmiRolloutStateMachineArn') });
}

async function main(): Promise<void> {
  const started = performance.now();
  line('Fleetwright on an embedded AWS: no account, no network beyond 127.0.0.1.');
  heading(1, 'Synthesize what would be deployed');
  synthesize();
  heading(2, 'Start the embedded AWS, deploy the stacks into it, and start a fleet');
  const aws = await startEmbeddedAws({ assembly: ASSEMBLY, speed: SPEED });
  line(`   ${aws.endpoint}, whose time goes ${SPEED} times as fast as yours`);
  try {
    await show(aws);
  } finally {
    await aws.stop();
  }
  line(`\nDone in ${seconds(started)}. Next: npm run sandbox, then repeat the lines above, or read docs/api.md.`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
