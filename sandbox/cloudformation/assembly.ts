import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { World } from '../core/world.ts';
import { inDependencyOrder } from './order.ts';
import { parseTemplate, type Template } from './template.ts';
import { TemplateError } from './template-error.ts';

const Artifact = z.looseObject({
  type: z.string(),
  environment: z.string().optional(),
  dependencies: z.array(z.string()).default([]),
  additionalMetadataFile: z.string().optional(),
  properties: z
    .looseObject({
      templateFile: z.string().optional(),
      stackName: z.string().optional(),
      parameters: z.record(z.string(), z.string()).optional(),
      file: z.string().optional(),
      directoryName: z.string().optional(),
    })
    .default({}),
  metadata: z.record(z.string(), z.array(z.looseObject({ type: z.string(), data: z.unknown() }))).default({}),
});
type Artifact = z.infer<typeof Artifact>;

const Manifest = z.looseObject({ version: z.string(), artifacts: z.record(z.string(), Artifact).default({}) });

const Location = z.looseObject({ bucketName: z.string(), objectKey: z.string() });
const AssetManifest = z.looseObject({
  files: z
    .record(
      z.string(),
      z.looseObject({
        source: z.looseObject({ path: z.string().optional() }),
        destinations: z.record(z.string(), Location),
      }),
    )
    .default({}),
  dockerImages: z.record(z.string(), z.unknown()).default({}),
});

/** A stack as `cdk synth` wrote it. */
export interface SynthesizedStack {
  readonly name: string;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  /** Construct path by logical id. */
  readonly paths: ReadonlyMap<string, string>;
}

export interface Assembly {
  /** In an order in which they can be deployed. */
  readonly stacks: readonly SynthesizedStack[];
  /** Local path of an asset by `bucket/key`. */
  readonly assets: ReadonlyMap<string, string>;
}

type AssemblyWorld = Pick<World, 'account' | 'region'>;

const WITHOUT_EFFECT = new Set(['cdk:tree', 'cdk:feature-flag-report']);

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TemplateError(file, `is not JSON (${reason}); synthesize the app again`, { cause: error });
  }
}

function read<T>(file: string, schema: z.ZodType<T>): T {
  if (!existsSync(file)) throw new TemplateError(file, 'is not there; has the app been synthesized?');
  const parsed = schema.safeParse(parse(file));
  if (parsed.success) return parsed.data;
  throw new TemplateError(file, z.prettifyError(parsed.error));
}

/** Reads a cloud assembly (the folder `cdk.out`) with the assemblies nested in it; throws TemplateError. */
export function readAssembly(folder: string, world: AssemblyWorld): Assembly {
  const { artifacts } = read(join(folder, 'manifest.json'), Manifest);
  const stacks: SynthesizedStack[] = [];
  const assets = new Map<string, string>();
  const order = inDependencyOrder(Object.keys(artifacts), (id) => artifacts[id]?.dependencies ?? []);
  for (const id of order) {
    const artifact = artifacts[id];
    if (artifact === undefined) continue;
    const { type, properties } = artifact;
    if (type === 'aws:cloudformation:stack') stacks.push(readStack(folder, id, artifact, world));
    else if (type === 'cdk:asset-manifest') readAssets(folder, properties.file ?? '', world, assets);
    else if (type === 'cdk:cloud-assembly') {
      const nested = readAssembly(join(folder, properties.directoryName ?? ''), world);
      stacks.push(...nested.stacks);
      for (const [location, path] of nested.assets) assets.set(location, path);
    } else if (!WITHOUT_EFFECT.has(type))
      throw new TemplateError(folder, `the sandbox does not know artifacts of type ${type} (${id})`);
  }
  return { stacks, assets };
}

function readStack(folder: string, id: string, artifact: Artifact, world: AssemblyWorld): SynthesizedStack {
  const { stackName: name = id, templateFile = '', parameters = {} } = artifact.properties;
  refuseForeign(name, artifact.environment, world);
  const file = join(folder, templateFile);
  const template = parseTemplate(name, read(file, z.unknown()));
  return { name, template, parameters, paths: readPaths(folder, artifact) };
}

/** There is one account and one region; a stack that insists on another would get the wrong ARNs. */
function refuseForeign(name: string, environment: string | undefined, { account, region }: AssemblyWorld): void {
  const [, stackAccount, stackRegion] = /^aws:\/\/([^/]+)\/(.+)$/.exec(environment ?? '') ?? [];
  const other = (value: string | undefined, ours: string, unknown: string): boolean =>
    value !== undefined && value !== ours && value !== unknown;
  if (other(stackAccount, account, 'unknown-account') || other(stackRegion, region, 'unknown-region'))
    throw new TemplateError(
      `stack ${name}`,
      `is for ${String(environment)}; the sandbox is aws://${account}/${region}`,
    );
}

function readPaths(folder: string, { additionalMetadataFile, metadata }: Artifact): ReadonlyMap<string, string> {
  const separate =
    additionalMetadataFile === undefined ? {} : read(join(folder, additionalMetadataFile), Artifact.shape.metadata);
  const paths = new Map<string, string>();
  for (const [path, entries] of Object.entries({ ...metadata, ...separate }))
    for (const { type, data } of entries)
      if (type === 'aws:cdk:logicalId' && typeof data === 'string') paths.set(data, path.replace(/^\//, ''));
  return paths;
}

function readAssets(
  folder: string,
  file: string,
  { account, region }: AssemblyWorld,
  assets: Map<string, string>,
): void {
  const { files, dockerImages } = read(join(folder, file), AssetManifest);
  const [image] = Object.keys(dockerImages);
  if (image !== undefined)
    throw new TemplateError(file, `the sandbox does not model container images (asset ${image})`);
  const filled = (text: string): string =>
    text
      .replaceAll('${AWS::AccountId}', account)
      .replaceAll('${AWS::Region}', region)
      .replaceAll('${AWS::Partition}', 'aws');
  for (const { source, destinations } of Object.values(files))
    for (const { bucketName, objectKey } of Object.values(destinations))
      if (source.path !== undefined)
        assets.set(`${filled(bucketName)}/${filled(objectKey)}`, join(folder, source.path));
}
