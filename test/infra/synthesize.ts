import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { parseConfig } from '../../infra/config.ts';
import type { ConfigInput } from '../../infra/config.ts';
import type { Bundles } from '../../infra/constructs/bundle.ts';
import { functionNames } from '../../infra/constructs/function-names.ts';
import { featureFlags } from '../../infra/feature-flags.ts';
import { addFleetwright } from '../../infra/fleetwright.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}
export interface TemplateDocument {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, unknown>>;
}
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}
export interface Synthesized {
  readonly directory: string;
  readonly foundation: TemplateDocument;
  readonly runbooks: TemplateDocument;
  readonly api: TemplateDocument;
}

/** The CDK's own check of templates by the rules of CloudFormation: it loads an engine for seconds in each file that asks. */
const CHECK = '@aws-cdk/core:validateAgainstDefaultRules';

/** An app with our feature flags, which writes to a folder of its own; checked as it is deployed where that is the point. */
export const testApp = ({ checked = false } = {}): App =>
  new App({
    context: { ...featureFlags, ...(!checked && { [CHECK]: false }) },
    outdir: temporaryFolder(),
    analyticsReporting: false,
    treeMetadata: false,
  });

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** A folder that is gone when the tests of the file are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fleetwright-infra-'));
  folders.push(folder);
  return folder;
}

/** Code that stands for each function, because bundling them is slow and tested by itself. */
export function standInBundles(): Bundles {
  const folder = temporaryFolder();
  return new Map(
    functionNames().map((name) => {
      const path = join(folder, name);
      mkdirSync(path);
      writeFileSync(join(path, 'index.mjs'), `export const handler = () => '${name}';`);
      return [name, { path, bytes: 1 }];
    }),
  );
}

/** The templates of one environment with the settings given. */
export function synthesize(settings: ConfigInput = {}, environment = 'dev'): Synthesized {
  const app = testApp();
  const config = parseConfig('test', settings);
  const stacks = addFleetwright(app, { environment, config, bundles: standInBundles() });
  const assembly = app.synth();
  const template = (name: string) => assembly.getStackByName(name).template as TemplateDocument;
  return {
    directory: assembly.directory,
    foundation: template(stacks.foundation.stackName),
    runbooks: template(stacks.runbooks.stackName),
    api: template(stacks.api.stackName),
  };
}

/** The resources of one type, by their logical ids. */
export const ofType = ({ Resources }: TemplateDocument, type: string): [id: string, resource: Resource][] =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type);

/** What a role is allowed by its policies, by the beginning of the role's logical id. */
export function statementsOf(template: TemplateDocument, role: string): Statement[] {
  return ofType(template, 'AWS::IAM::Policy')
    .filter(([, { Properties }]) => (Properties.Roles as { Ref: string }[]).some(({ Ref }) => Ref.startsWith(role)))
    .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement);
}

export const listOf = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? (value as readonly T[]) : [value as T];

/** A template for a snapshot, without what files of their own say: the code's hashes and the definitions. */
export function masked(template: TemplateDocument): unknown {
  const text = JSON.stringify(template, (key, value: unknown) => (key === 'DefinitionString' ? '<definition>' : value));
  return JSON.parse(text.replaceAll(/\b[0-9a-f]{64}\b/g, '<asset hash>'));
}
