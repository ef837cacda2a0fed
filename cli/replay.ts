import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Command } from 'commander';
import * as z from 'zod';
import { replay } from './lib/replay.ts';

interface Options {
  readonly environment: string;
  readonly project: string;
  readonly queue?: readonly string[];
  readonly function?: string;
  readonly dryRun: boolean;
}

const Deployed = z.object({ function: z.string(), queues: z.array(z.string()) });

/** What a deployment has written down for this command. @throws Error that names what to do where it has not */
async function deployed({ project, environment }: Options): Promise<z.infer<typeof Deployed>> {
  const Name = `/${project}/${environment}/replay`;
  const { Parameter } = await new SSMClient().send(new GetParameterCommand({ Name })).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === 'ParameterNotFound')) throw error;
    throw new Error(
      `There is no parameter ${Name} in this account and region. Check --environment, --project and AWS_REGION, or give --function and --queue.`,
      { cause: error },
    );
  });
  return Deployed.parse(JSON.parse(Parameter?.Value ?? ''));
}

async function main(options: Options): Promise<void> {
  const { queue, function: name, dryRun } = options;
  const known = queue === undefined || name === undefined ? await deployed(options) : undefined;
  const { replayed, failed } = await replay(
    { sqs: new SQSClient(), lambda: new LambdaClient() },
    {
      queueUrls: queue ?? known?.queues ?? [],
      functionName: name ?? known?.function ?? '',
      dryRun,
      print: (line) => void process.stdout.write(`${line}\n`),
    },
  );
  const what = dryRun ? `${replayed} to replay` : `${replayed} replayed`;
  process.stdout.write(`${what}, ${failed} failed${failed > 0 ? '; what failed stays in its queue' : ''}\n`);
  if (failed > 0) process.exitCode = 1;
}

const collect = (url: string, before: readonly string[] = []): readonly string[] => [...before, url];

const command = new Command('npm run replay --')
  .description('Hands changes of AMI parameters that started no rollout to follow-ami-parameter again.')
  .requiredOption('--environment <name>', 'the environment, as in infra/environments')
  .option('--project <name>', 'the setting `project`', 'fleetwright')
  .option('--function <name>', 'the function that takes the events, instead of the deployed one')
  .option('--queue <url>', 'a queue, instead of the deployed ones; may be repeated', collect)
  .option('--dry-run', 'show the events, and hand none on', false)
  .addHelpText(
    'after',
    '\nAgainst the sandbox: set AWS_ENDPOINT_URL and the other variables that npm run sandbox prints.',
  )
  .showHelpAfterError();

try {
  await main(command.parse().opts<Options>());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
