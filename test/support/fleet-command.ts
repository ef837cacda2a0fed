import type { GetObjectCommandOutput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { expect } from '@jest/globals';
import { FleetCommandResult } from '../../functions/lib/schemas/fleet-command.ts';
import { ResultLine } from '../../functions/lib/schemas/fleet-command-run.ts';
import { loadFleet, type Fleet, type FleetInstance } from '../../sandbox/fleets/index.ts';
import type { Lab } from './lab.ts';

const demo = loadFleet('sandbox/fleets/demo.json');
const [model] = demo.instances;

/** What means all machines that `fleetOf` makes, at once. */
export const NODES = { targets: { tags: { role: 'node' } }, maxConcurrency: '100%' };
/** A script, and a machine on which it fails. */
export const CHECK = ['if [ -e /etc/broken ]; then echo broken; exit 7; fi; echo fine'];
export const BROKEN = { files: { '/etc/broken': '' } };

/** How each so-manieth machine differs. */
export const each = (every: number, changes: Partial<Rule>): Rule => ({ every, tags: {}, files: {}, ...changes });
type Rule = FleetInstance['vary'][number];

/** So many Linux machines alike, tagged `role=node`, and whatever else is given. */
export function fleetOf(
  count: number,
  changes: Partial<FleetInstance> = {},
  others: readonly FleetInstance[] = [],
): Fleet {
  if (model === undefined) throw new Error('the demo fleet has no machines');
  const tags = { SSMRunAllowed: 'true', role: 'node' };
  return {
    ...demo,
    ...{ launchTemplates: {}, autoScalingGroups: [], parameters: {} },
    instances: [{ ...model, id: undefined, name: 'node', count, tags, volumes: [], ...changes }, ...others],
  };
}

/** The ids of the machines that `fleetOf` made, in their order. */
export const nodeIds = (lab: Lab): string[] =>
  [...lab.sandbox.ec2.store.instances.values()]
    .filter(({ tags }) => tags.get('role') === 'node')
    .map(({ instanceId }) => instanceId)
    .sort();

/** The objects of a run by their names below its prefix. */
export async function objectsOf(lab: Lab, resultsUri: string): Promise<Map<string, string>> {
  const [, Bucket = '', Prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(resultsUri) ?? [];
  const objects = new Map<string, string>();
  const { Contents = [] } = await lab.call<ListObjectsV2CommandOutput>('s3', 'ListObjectsV2', { Bucket, Prefix });
  for (const { Key = '' } of Contents) {
    const { Body } = await lab.call<GetObjectCommandOutput>('s3', 'GetObject', { Bucket, Key });
    objects.set(Key.slice(Prefix.length), Buffer.from(Body as unknown as Uint8Array).toString());
  }
  return objects;
}

export interface FleetRun {
  readonly executionArn: string;
  readonly result: FleetCommandResult;
  readonly lines: readonly ResultLine[];
}

/** What a run came to, and every machine's line. */
export async function resultOf(lab: Lab, executionArn: string): Promise<FleetRun> {
  const { status, output = '', error, cause } = await lab.describe(executionArn);
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED', error: undefined, cause: undefined });
  const result = FleetCommandResult.parse(JSON.parse(output));
  const objects = await objectsOf(lab, result.resultsUri);
  const lines = [...objects]
    .filter(([name]) => name.startsWith('results/'))
    .flatMap(([, text]) => text.split('\n').filter((line) => line !== ''))
    .map((line) => ResultLine.parse(JSON.parse(line)));
  return { executionArn, result, lines };
}

/** Runs a fleet command to its end. */
export async function runFleet(lab: Lab, input: object): Promise<FleetRun> {
  const executionArn = await lab.start('FleetCommand', input);
  await lab.settle(executionArn);
  return resultOf(lab, executionArn);
}
