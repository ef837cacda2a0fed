import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Config } from './config.ts';
import { bundleFunctions } from './constructs/bundle.ts';
import type { Bundles } from './constructs/bundle.ts';
import { FoundationStack } from './foundation-stack.ts';
import { RunbooksStack } from './runbooks-stack.ts';

export interface FleetwrightProps {
  readonly environment: string;
  readonly config: Config;
  /** The functions' code; bundled anew unless given. */
  readonly bundles?: Bundles;
}

/** Adds the stacks of one environment to an app, tagged, and checked by cdk-nag when it is synthesized. */
export function addFleetwright(
  app: App,
  { environment, config, bundles = bundleFunctions() }: FleetwrightProps,
): { readonly foundation: FoundationStack; readonly runbooks: RunbooksStack } {
  const { project, retainData: terminationProtection } = config;
  const prefix = `${project}-${environment}`;
  const foundation = new FoundationStack(app, `${prefix}-foundation`, {
    description: `${project} (${environment}): key, output bucket, tables, topic, instance profile`,
    config,
    terminationProtection,
  });
  const runbooks = new RunbooksStack(app, `${prefix}-runbooks`, {
    description: `${project} (${environment}): runbooks and their functions`,
    environment,
    config,
    bundles,
    foundation,
    terminationProtection,
  });
  for (const [key, value] of Object.entries({ ...config.tags, project, environment })) Tags.of(app).add(key, value);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { foundation, runbooks };
}
