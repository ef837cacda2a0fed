import type { Provisioners } from '../core/resources.ts';
import type { World } from '../core/world.ts';
import { readAssembly } from './assembly.ts';
import { INERT, inertBecause } from './inert.ts';
import { StackDeployment, type DeployedResource, type DeployedStack } from './stack.ts';
import type { Template } from './template.ts';
import { TemplateError } from './template-error.ts';

export { namedOutputs } from './outputs.ts';
export interface DeployOptions {
  readonly world: World;
  /** Of every service. */
  readonly provisioners: Provisioners;
  /** Values of parameters by stack name and parameter name. */
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Further types that are to be left alone, each with the reason. */
  readonly inert?: Readonly<Record<string, string>>;
}

/** What stands in the account after a deployment. */
export interface Deployment {
  /** In the order in which they were deployed. */
  readonly stacks: readonly DeployedStack[];
  /** By `STACK.NAME`, and by NAME where one stack alone has it. */
  readonly outputs: Readonly<Record<string, string>>;
  /** By `STACK/LOGICALID`, and by construct path where the assembly tells it. */
  readonly resources: Readonly<Record<string, DeployedResource>>;
  /** By stack name. */
  readonly templates: Readonly<Record<string, Template>>;
}

interface Account {
  readonly stacks: Set<string>;
  readonly exports: Map<string, string>;
}

/** What is deployed in each world. Where updates will look for what is there already. */
const accounts = new WeakMap<World, Account>();

function accountOf(world: World): Account {
  const account = accounts.get(world) ?? { stacks: new Set(), exports: new Map() };
  accounts.set(world, account);
  return account;
}

function flatOutputs(stacks: readonly DeployedStack[]): Record<string, string> {
  const outputs: Record<string, string> = {};
  const seen = new Set<string>();
  for (const { name: stack, outputs: own } of stacks)
    for (const [name, value] of Object.entries(own)) {
      outputs[`${stack}.${name}`] = value;
      if (seen.has(name)) Reflect.deleteProperty(outputs, name);
      else outputs[name] = value;
      seen.add(name);
    }
  return outputs;
}

/**
 * Deploys a synthesized CDK app (the folder `cdk.out`): creates the resources of its stacks in dependency order.
 * Throws TemplateError naming stack, logical id, type and property for whatever it cannot create; updates are not modelled.
 */
export async function deploy(assemblyDir: string, options: DeployOptions): Promise<Deployment> {
  const { world, parameters = {} } = options;
  const account = accountOf(world);
  const { stacks, assets } = readAssembly(assemblyDir, world);
  const inert = {
    ...INERT,
    ...Object.fromEntries(Object.entries(options.inert ?? {}).map(([type, why]) => [type, inertBecause(why)])),
  };
  const deployed: DeployedStack[] = [];
  const resources: Record<string, DeployedResource> = {};
  for (const stack of stacks) {
    if (account.stacks.has(stack.name))
      throw new TemplateError(`stack ${stack.name}`, 'is deployed already; the sandbox does not model updates');
    account.stacks.add(stack.name);
    const deployment = new StackDeployment(stack, { ...options, inert, assets, exports: account.exports });
    const done = await deployment.run(parameters[stack.name] ?? {});
    deployed.push(done);
    for (const [logicalId, resource] of Object.entries(done.resources)) {
      resources[`${stack.name}/${logicalId}`] = resource;
      const path = stack.paths.get(logicalId);
      if (path !== undefined) resources[path] = resource;
    }
  }
  const templates = Object.fromEntries(deployed.map(({ name, template }) => [name, template]));
  return { stacks: deployed, outputs: flatOutputs(deployed), resources, templates };
}
