import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { deploy, type Deployment, type DeployOptions } from '../../../sandbox/cloudformation/index.ts';
import { provisioner, type Provisioners } from '../../../sandbox/core/resources.ts';
import { testWorld, type TestWorld } from '../support/world.ts';

/** Resources that a test makes: what they were given is kept, in the order in which they were created. */
interface Made {
  readonly logicalId: string;
  readonly properties: Record<string, unknown>;
  readonly name: string;
}

function things(made: Made[]): Provisioners {
  const create = provisioner(z.record(z.string(), z.unknown()), (properties, context) => {
    const { logicalId } = context;
    const name = context.physicalName(40);
    made.push({ logicalId, properties, name });
    return { ref: name, attributes: { Arn: `arn:aws:test:::${name}`, 'Endpoint.Address': `${logicalId}.test` } };
  });
  const strict = provisioner(
    z.strictObject({ Size: z.number().max(10), Sub: z.strictObject({ Name: z.string() }).optional() }),
    () => ({
      ref: 'strict',
      attributes: {},
    }),
  );
  return { 'Test::Thing': create, 'Test::Strict': strict };
}

export interface Deployed {
  readonly world: TestWorld;
  readonly made: readonly Made[];
  readonly deployment: Deployment;
}

/** Deploys hand-written templates, one stack each, in the given order. */
export async function deployTemplates(
  templates: Readonly<Record<string, unknown>>,
  options: Partial<DeployOptions> = {},
  dependencies: Readonly<Record<string, string[]>> = {},
): Promise<Deployed> {
  const folder = mkdtempSync(join(tmpdir(), 'assembly-test-'));
  try {
    const artifacts = Object.entries(templates).map(([name, template]): [string, object] => {
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(template));
      return [
        name,
        {
          type: 'aws:cloudformation:stack',
          dependencies: dependencies[name] ?? [],
          properties: { templateFile: `${name}.json` },
        },
      ];
    });
    writeFileSync(
      join(folder, 'manifest.json'),
      JSON.stringify({ version: '1', artifacts: Object.fromEntries(artifacts) }),
    );
    return await deployFolder(folder, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function deployFolder(folder: string, options: Partial<DeployOptions> = {}): Promise<Deployed> {
  const made: Made[] = [];
  const world = testWorld();
  const deployment = await deploy(folder, {
    world,
    ...options,
    provisioners: { ...things(made), ...options.provisioners },
  });
  return { world, made, deployment };
}

/** The properties that one resource is given for a template. */
export async function propertiesOf(
  properties: unknown,
  sections: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const Resources = { Other: { Type: 'Test::Thing' }, Subject: { Type: 'Test::Thing', Properties: properties } };
  const { made } = await deployTemplates({ stack: { Resources, ...sections } });
  const subject = made.find(({ logicalId }) => logicalId === 'Subject');
  if (subject === undefined) throw new Error('the resource under test was not created');
  return subject.properties;
}
