import type { Instance } from '@aws-sdk/client-ec2';
import * as z from './lib/zod.ts';
import { assertAllowed, linesOf } from './lib/catalogue/chosen.ts';
import { CATALOGUE } from './lib/catalogue/commands.ts';
import { platformOf } from './lib/catalogue/named-command.ts';
import { ec2Client, s3Client, ssmClient } from './lib/clients.ts';
import { readEnv } from './lib/env.ts';
import { InvalidRequest, TargetNotFound } from './lib/errors.ts';
import { readExclusions } from './lib/exclusions-reader.ts';
import { refusedByEc2, type Refused, type Rules } from './lib/fleet/gate.ts';
import { selected } from './lib/fleet/instances.ts';
import { limitsFor } from './lib/fleet/limits.ts';
import { begin } from './lib/fleet/plan.ts';
import { RunStore, type Script, type Target } from './lib/fleet/run-store.ts';
import { runPrefix } from './lib/run-objects.ts';
import { Execution, SsmDocument } from './lib/schemas/common.ts';
import { FleetCommandRequest, type Refusal } from './lib/schemas/fleet-command.ts';
import { FleetPlan, Progress } from './lib/schemas/fleet-command-run.ts';
import { task } from './lib/task.ts';

const { ALLOW_ARBITRARY_COMMANDS, DISABLED_COMMANDS, OUTPUT_BUCKET, TAG_KEY, TAG_VALUE } = readEnv({
  ALLOW_ARBITRARY_COMMANDS: z.enum(['true', 'false']),
  /** Names of the catalogue, with commas between them. */
  DISABLED_COMMANDS: z.string(),
  OUTPUT_BUCKET: z.string().check(z.minLength(1)),
  TAG_KEY: z.string().check(z.minLength(1)),
  TAG_VALUE: z.string(),
});
const allowed = {
  arbitraryCommands: ALLOW_ARBITRARY_COMMANDS === 'true',
  disabledCommands: DISABLED_COMMANDS.split(','),
};
const ec2 = ec2Client();
const ssm = ssmClient();
const s3 = s3Client();

export const Input = z.strictObject({ execution: Execution, request: FleetCommandRequest });
export const Output = z.strictObject({ plan: FleetPlan, progress: Progress });

/**
 * Says which machines a request means, and which of them are refused from the start and why; leaves both in S3. Throws
 * InvalidRequest, CommandNotAllowed, TargetNotFound where nothing is meant, ExclusionsUnreadable.
 * Source: EC2 DescribeInstances, SSM GetParameter, S3 PutObject.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ execution }) => execution.name },
  async ({ execution, request }) => {
    assertAllowed(CATALOGUE, allowed, request);
    const script = scriptOf(request);
    const rules = { tagGate: { key: TAG_KEY, value: TAG_VALUE }, exclusions: await readExclusions(ssm) };
    const found = await selected(ec2, request.targets);
    const { targets, refusals } = sorted(request, found, { rules, script });
    if (targets.length + refusals.length === 0)
      throw new TargetNotFound('No instance of this account and region is meant by targets');
    const place = { bucket: OUTPUT_BUCKET, prefix: runPrefix(execution) };
    const store = new RunStore(s3, place);
    await store.writeScript(script);
    await store.writeTargets(1, targets);
    await store.writeStep(1, 0, { refusals, deferred: [] });
    const plan: FleetPlan = {
      ...place,
      ...limitsFor(request, targets.length),
      targets: targets.length + refusals.length,
      eligible: targets.length,
      timeoutSeconds: request.timeoutSeconds,
      lockTimeoutSeconds: request.lockTimeoutSeconds,
    };
    return { plan, progress: begin(plan, refusals.length) };
  },
);

/** The lines for each document that the request may come to; throws InvalidRequest where there are none for any. */
function scriptOf(request: FleetCommandRequest): Script {
  const documents = request.ssmDocument === undefined ? SsmDocument.options : [request.ssmDocument];
  const lines: Script['lines'] = {};
  let problem: InvalidRequest | undefined;
  for (const document of documents) {
    try {
      lines[document] = [...linesOf(CATALOGUE, request, document)];
    } catch (error) {
      if (!(error instanceof InvalidRequest)) throw error;
      problem = error;
    }
  }
  if (problem !== undefined && Object.keys(lines).length === 0) throw problem;
  const { workingDirectory = '', comment = '' } = request;
  return { lines, workingDirectory, comment };
}

/** Machines to send to, those of one document together, in the order of their ids; and those that are not, with the reason. */
function sorted(
  request: FleetCommandRequest,
  found: readonly Instance[],
  { rules, script }: { readonly rules: Rules; readonly script: Script },
): { targets: Target[]; refusals: Refusal[] } {
  const byId = new Map(found.map((instance) => [instance.InstanceId ?? '', instance]));
  const ids = 'instanceIds' in request.targets ? new Set(request.targets.instanceIds) : byId.keys();
  const targets: Target[] = [];
  const refusals: Refusal[] = [];
  for (const instanceId of [...ids].sort()) {
    const instance = byId.get(instanceId);
    // The API reference writes it with a capital, EC2 without.
    const windows = /^windows$/i.test(instance?.Platform ?? '');
    const document = request.ssmDocument ?? (windows ? 'AWS-RunPowerShellScript' : 'AWS-RunShellScript');
    const refused = refusedByEc2(instance, rules) ?? refusedByScript(script, document);
    if (refused === undefined) targets.push([instanceId, document]);
    else refusals.push({ instanceId, reason: refused[0], message: refused[1] });
  }
  const order = SsmDocument.options;
  targets.sort(([, a], [, b]) => order.indexOf(a) - order.indexOf(b));
  return { targets, refusals };
}

const refusedByScript = ({ lines }: Script, document: SsmDocument): Refused =>
  lines[document] === undefined
    ? ['InvalidPlatform', `The command has no version for ${platformOf(document)}`]
    : undefined;
