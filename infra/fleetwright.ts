import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ApiStack } from './api-stack.ts';
import type { Config } from './config.ts';
import { bundleFunctions } from './constructs/bundle.ts';
import type { Bundles } from './constructs/bundle.ts';
import type { FleetContext } from './constructs/fleet-context.ts';
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
): { readonly foundation: FoundationStack; readonly runbooks: RunbooksStack; readonly api: ApiStack } {
  const { project, retainData: terminationProtection } = config;
  const named = (part: string) => `${project}-${environment}-${part}`;
  const described = (what: string) => ({ description: `${project} (${environment}): ${what}`, terminationProtection });
  const foundation = new FoundationStack(app, named('foundation'), {
    ...described('key, output bucket, tables, topic, exclusions, instance profile'),
    environment,
    config,
  });
  const alerting = { topic: foundation.topic, actionsEnabled: config.alarmActionsEnabled };
  const context: FleetContext = { environment, config, bundles, alerting };
  const runbooks = new RunbooksStack(app, named('runbooks'), {
    ...described('runbooks and their functions'),
    context,
    foundation,
  });
  const api = new ApiStack(app, named('api'), {
    ...described('HTTP API that starts runbooks and tells their results'),
    context,
    foundation,
    runbooks,
  });
  for (const [key, value] of Object.entries({ ...config.tags, project, environment })) Tags.of(app).add(key, value);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { foundation, runbooks, api };
}
