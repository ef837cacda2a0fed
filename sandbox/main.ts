import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PacedClock } from './clock/paced-clock.ts';
import { RealClock } from './clock/real-clock.ts';
import { namedOutputs } from './cloudformation/index.ts';
import { OPERATOR } from './core/credentials.ts';
import { REGION } from './core/world.ts';
import { loadFleet } from './fleets/index.ts';
import { type Options, sandboxCommand } from './options.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

/** A fleet by the name of one that comes with the sandbox, or by the path of a file. */
function fleetPath(nameOrPath: string): string {
  const shipped = fileURLToPath(new URL(`./fleets/${nameOrPath}.json`, import.meta.url));
  return existsSync(shipped) ? shipped : nameOrPath;
}

function outputLines({ deployment }: Sandbox): string[] {
  const named = namedOutputs(deployment.outputs);
  const width = Math.max(0, ...named.map(([name]) => name.length));
  return named.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function apiLines({ apis }: Sandbox): string {
  const endpoints = [...apis.endpoints().values()];
  return endpoints.length === 0
    ? ''
    : `\nHTTP APIs (signed requests for the service execute-api): ${endpoints.join(' ')}\n`;
}

function greeting(sandbox: Sandbox, speed: number): string {
  const { endpoint } = sandbox;
  return `
The embedded AWS answers on ${endpoint} (127.0.0.1 only; Ctrl-C ends it, and nothing is kept).${speed === 1 ? '' : `\nIts time goes ${speed} times as fast as yours.`}

Stack outputs:
${outputLines(sandbox).join('\n')}
${apiLines(sandbox)}
For the AWS CLI and the SDKs, in another terminal (the CLI of version 1 and boto3 read AWS_DEFAULT_REGION, all others AWS_REGION):

  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${REGION} AWS_DEFAULT_REGION=${REGION}
  export AWS_ACCESS_KEY_ID=${OPERATOR.accessKeyId} AWS_SECRET_ACCESS_KEY=${OPERATOR.secretAccessKey}

Then, for example:

  aws ec2 describe-instances --query 'Reservations[].Instances[].[InstanceId,State.Name,Tags[?Key==\`Name\`]|[0].Value]' --output table
  aws ssm send-command --document-name AWS-RunShellScript --targets Key=tag:SSMRunAllowed,Values=true --parameters 'commands=["uname -a; df -h"]'
  aws stepfunctions list-state-machines
`;
}

/** Ends on the usual signals, and with the process that forked it, where one did. Nothing is kept, so there is nothing to save. */
function endWithParent(): void {
  const end = () => process.exit(0);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  if (process.send !== undefined) process.once('disconnect', end);
}

function requireAssembly(folder: string): void {
  if (!existsSync(join(folder, 'manifest.json')))
    throw new Error(`${folder} holds no synthesized app. Run npm run synth, or name its folder with --assembly.`);
}

async function main({ port, apiPort, fleet, assembly, speed, jwks = {} }: Options): Promise<void> {
  process.env['TZ'] = 'UTC'; // of AWS; worker threads inherit it
  endWithParent();
  const machines = loadFleet(fleetPath(fleet));
  requireAssembly(assembly);
  const options = { assembly: resolve(assembly), fleet: machines, port, apiPort, jwks };
  const paced = speed === 1 ? undefined : new PacedClock(speed);
  const sandbox = await createSandbox({ clock: paced ?? new RealClock(), ...options });
  const { endpoint, deployment } = sandbox;
  process.stdout.write(greeting(sandbox, speed));
  process.send?.({ endpoint, region: REGION, credentials: OPERATOR, outputs: deployment.outputs });
  await paced?.run();
}

try {
  await main(sandboxCommand().parse().opts<Options>());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
