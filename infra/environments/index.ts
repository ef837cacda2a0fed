import { parseConfig } from '../config.ts';
import type { Config } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import { dev } from './dev.ts';
import { prod } from './prod.ts';
import { staging } from './staging.ts';

const environments = { dev, staging, prod };

/** The names that `-c environment=` takes. */
export type Environment = keyof typeof environments;
export const environmentNames = Object.keys(environments) as readonly Environment[];

const isEnvironment = (name: unknown): name is Environment => environmentNames.some((known) => known === name);

/**
 * Reads the configuration of the environment that the CDK context names; dev if it names none.
 * @throws ConfigError naming every problem
 */
export function loadEnvironment(name: unknown = 'dev'): { readonly environment: Environment; readonly config: Config } {
  if (!isEnvironment(name)) {
    const remedy = `use one of ${environmentNames.join(', ')}, as in: cdk synth -c environment=dev`;
    throw new ConfigError('The CDK context', [{ path: 'environment', value: name, remedy }]);
  }
  return { environment: name, config: parseConfig(`infra/environments/${name}.ts`, environments[name]) };
}
