import { EC2Client } from '@aws-sdk/client-ec2';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import * as z from 'zod';
import { describeFleet, pick, type Machine } from './demo/fleet.ts';
import { bad, fleetTable, good, heading, indented, line, transitionPrinter } from './demo/print.ts';
import { startEmbeddedAws, type EmbeddedAws } from './lib/embedded-aws.ts';
import { watchExecution } from './lib/watch-execution.ts';

const ASSEMBLY = 'dist/demo';
const UNKNOWN_INSTANCE = 'i-0fffffffffffffff0';

/** The part of run-command's result that the demo shows. See docs/runbooks/run-command.md. */
const Result = z.object({
  status: z.string(),
  exitCode: z.number(),
  stdout: z.string(),
  commandId: z.string(),
  bucket: z.string().optional(),
  keyPrefix: z.string().optional(),
});

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
  return { sfn: new SFNClient(config), ec2: new EC2Client(config), ssm: new SSMClient(config) };
}

function outputOf({ outputs }: EmbeddedAws, name: string): string {
  const value = outputs[name];
  if (value === undefined) throw new Error(`the stacks have no output ${name}`);
  return value;
}

async function runDiagnostics(sfn: SFNClient, stateMachineArn: string, machine: Machine): Promise<void> {
  line(`   StartExecution {"instanceId": "${machine.instanceId}"}  (${machine.name})`);
  const input = JSON.stringify({ instanceId: machine.instanceId });
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  const { status, output, error, cause } = await watchExecution(sfn, executionArn, transitionPrinter());
  if (status !== 'SUCCEEDED') throw new Error(`the execution ended ${status}: ${error}: ${cause}`);
  const result = Result.parse(JSON.parse(output ?? ''));
  line(`   ${good(result.status)}, exit code ${result.exitCode}, command ${result.commandId}`);
  if (result.bucket !== undefined) line(`   all of its output: s3://${result.bucket}/${result.keyPrefix ?? ''}`);
  indented(result.stdout);
}

interface Refusal {
  readonly what: string;
  readonly instanceId: string;
  readonly expected: string;
}

async function showRefusal(sfn: SFNClient, stateMachineArn: string, refusal: Refusal): Promise<void> {
  const { what, instanceId, expected } = refusal;
  const input = JSON.stringify({ instanceId, commands: ['echo this must never run'] });
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  const { error = 'no error', cause = '' } = await watchExecution(sfn, executionArn, () => undefined);
  line(`   ${instanceId}  ${what.padEnd(28)} ${bad(error)}`);
  indented(cause);
  if (error !== expected) throw new Error(`expected ${expected}, got ${error}`);
}

async function show(aws: EmbeddedAws): Promise<void> {
  const { sfn, ec2, ssm } = clients(aws);
  const fleet = await describeFleet(ec2, ssm);
  fleetTable(fleet).forEach((row) => line(`   ${row}`));

  const stateMachineArn = outputOf(aws, 'RunCommandStateMachineArn');
  heading(3, 'Run the default diagnostics on one instance');
  const online = pick(
    fleet,
    'tagged and online Linux',
    ({ allowed, ping, platform }) => allowed && ping === 'Online' && /Linux/.test(platform),
  );
  await runDiagnostics(sfn, stateMachineArn, online);

  heading(4, 'Three instances that must not be commanded: refused before anything is touched');
  const untagged = pick(fleet, 'running and untagged', ({ allowed, running }) => running && !allowed);
  const offline = pick(
    fleet,
    'tagged and offline',
    ({ allowed, running, ping }) => running && allowed && ping !== 'Online',
  );
  const refusals: readonly Refusal[] = [
    { what: 'does not exist', instanceId: UNKNOWN_INSTANCE, expected: 'TargetNotFound' },
    { what: `${untagged.name}, not tagged`, instanceId: untagged.instanceId, expected: 'TargetNotAllowed' },
    { what: `${offline.name}, agent offline`, instanceId: offline.instanceId, expected: 'TargetOffline' },
  ];
  for (const refusal of refusals) await showRefusal(sfn, stateMachineArn, refusal);
  const { Commands: commands = [] } = await ssm.send(new ListCommandsCommand({}));
  line(`   ListCommands: ${commands.length} command in all, the diagnostics above.`);
  if (commands.length !== 1) throw new Error(`${commands.length} commands were sent instead of one`);
}

async function main(): Promise<void> {
  const started = performance.now();
  line('Fleetwright on an embedded AWS: no account, no network beyond 127.0.0.1.');
  heading(1, 'Synthesize what would be deployed');
  synthesize();
  heading(2, 'Start the embedded AWS, deploy the stacks into it, and start a fleet');
  const aws = await startEmbeddedAws('sandbox/main.ts', ['--port', '0', '--fleet', 'demo', '--assembly', ASSEMBLY]);
  line(`   ${aws.endpoint}`);
  try {
    await show(aws);
  } finally {
    await aws.stop();
  }
  line(`\nDone in ${seconds(started)}. Next: npm run sandbox, then docs/runbooks/run-command.md.`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
