import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { startEmbeddedAws } from '../../cli/lib/embedded-aws.ts';
import { apiClients, AWSCURL } from './api-clients.ts';
import { autoscaling } from './autoscaling.ts';
import { AWS_CLI, AwsCli } from './aws-cli.ts';
import { Checks } from './checks.ts';
import { ec2 } from './ec2.ts';
import { lambdaAndSts } from './lambda-sts.ts';
import { rolloutServices } from './rollout-services.ts';
import { rollout } from './rollout.ts';
import { signatures } from './signatures.ts';
import { ssm } from './ssm.ts';
import { stepfunctions } from './stepfunctions.ts';
import { CFN_LINT, templates } from './templates.ts';
import { walls } from './walls.ts';

/** Programs that know AWS and know nothing of us, held to the embedded AWS, in real time but for the rollout: the AWS CLI, curl, awscurl, Postman's signer and cfn-lint. */

const ASSEMBLY = 'cdk.out';

function requirePython(): void {
  const missing = [AWS_CLI, AWSCURL, CFN_LINT].filter((program) => !existsSync(program));
  if (missing.length === 0) return;
  throw new Error(
    `${missing.join(' and ')} not found. To install:\n\n` +
      '  python3 -m venv .venv\n  .venv/bin/pip install -r test/peers/requirements.txt\n',
  );
}

function synthesize(): void {
  if (existsSync(`${ASSEMBLY}/manifest.json`)) return;
  const env = { ...process.env, CDK_OUTDIR: ASSEMBLY };
  const { status } = spawnSync(process.execPath, ['infra/app.ts'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error('the CDK app did not synthesize; its message stands above');
}

/** All suites at once: their time is spent waiting for commands on machines and for Python to start. */
async function main(): Promise<boolean> {
  requirePython();
  synthesize();
  const checks = new Checks();
  const aws = await startEmbeddedAws({ assembly: ASSEMBLY });
  try {
    const cli = new AwsCli(aws);
    await Promise.all([
      stepfunctions(checks.suite('stepfunctions'), cli),
      ssm(checks.suite('ssm'), cli),
      ec2(checks.suite('ec2'), cli)
        .then(() => autoscaling(checks.suite('autoscaling'), cli))
        .then(() => lambdaAndSts(checks.suite('lambda, sts'), cli)),
      rolloutServices(checks.suite('parameters, alarms, schedules, keys'), cli),
      signatures(checks.suite('signatures'), aws),
      apiClients(checks.suite('api'), aws),
      walls(checks.suite('walls'), aws).then(() => templates(checks.suite('templates'), ASSEMBLY)),
      rollout(checks.suite('rollout'), ASSEMBLY),
    ]);
    return checks.summarize();
  } finally {
    await aws.stop();
  }
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
