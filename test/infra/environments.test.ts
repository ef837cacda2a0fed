import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { environmentNames, loadEnvironment } from '../../infra/environments/index.ts';
import { addFleetwright } from '../../infra/fleetwright.ts';
import { standInBundles, testApp } from './synthesize.ts';
import type { TemplateDocument } from './synthesize.ts';

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly conclusion: string;
    readonly violations: readonly unknown[];
    readonly suppressedViolations: readonly { readonly ruleName: string; readonly reason: string }[];
  }[];
}

const bundles = standInBundles();
const synthesized = environmentNames.map((name) => {
  const app = testApp({ checked: true });
  addFleetwright(app, { ...loadEnvironment(name), bundles });
  const { directory, stacks } = app.synth();
  return {
    name,
    stacks,
    report: JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8')) as Report,
  };
});

/** Types that CloudFormation gives no tags. */
const UNTAGGED =
  /Policy$|InstanceProfile$|Subscription$|QueryDefinition$|Permission$|V2::(Route|Integration)$|EventInvokeConfig$|Scheduler::Schedule$/;
/** Types that take tags as a map. */
const MAPPED = /^AWS::(?:ApiGatewayV2::|SSM::Parameter$)/;

describe.each(synthesized)('the environment $name', ({ name, stacks, report }) => {
  it('is three stacks of its own', () => {
    expect(stacks.map(({ stackName }) => stackName)).toEqual([
      `fleetwright-${name}-foundation`,
      `fleetwright-${name}-runbooks`,
      `fleetwright-${name}-api`,
    ]);
  });

  it('is clean by cdk-nag, with a reason for each acknowledgement', () => {
    const [nag] = report.pluginReports.filter(({ pluginName }) => pluginName === 'AwsSolutions');
    expect(nag).toMatchObject({ conclusion: 'success', violations: [] });
    for (const { reason } of nag?.suppressedViolations ?? []) expect(reason.length).toBeGreaterThan(30);
    expect(new Set(nag?.suppressedViolations.map(({ ruleName }) => ruleName.replace(/\[.*/, '')))).toEqual(
      new Set(['AwsSolutions-S1', 'AwsSolutions-IAM5', 'AwsSolutions-SQS3']),
    );
  });

  it('tags everything that can be tagged', () => {
    const map = { environment: name, project: 'fleetwright' };
    const list = Object.entries(map).map(([Key, Value]) => ({ Key, Value }));
    for (const stack of stacks)
      for (const { Type, Properties } of resourcesOf(stack))
        if (!UNTAGGED.test(Type))
          expect({ Type, Tags: Properties.Tags }).toEqual({ Type, Tags: MAPPED.test(Type) ? map : list });
  });

  it('is protected against deletion where its data is kept', () => {
    for (const { terminationProtection = false } of stacks) expect(terminationProtection).toBe(name !== 'dev');
  });
});

const resourcesOf = (stack: CloudFormationStackArtifact) =>
  Object.values((stack.template as TemplateDocument).Resources);
