import { App } from 'aws-cdk-lib';
import { ConfigError } from './config-error.ts';
import { loadEnvironment } from './environments/index.ts';
import { featureFlags } from './feature-flags.ts';
import { addFleetwright } from './fleetwright.ts';

/** The CDK app: `cdk synth -c environment=dev`. A configuration that cannot be used is told, not thrown at the user. */
try {
  const app = new App({ context: featureFlags });
  addFleetwright(app, loadEnvironment(app.node.tryGetContext('environment')));
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
