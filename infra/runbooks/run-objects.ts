import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgePattern } from '../constructs/acknowledge-pattern.ts';
import type { FoundationStack } from '../foundation-stack.ts';

/** Where runs keep what they know, beside the prefix that machines may write below; functions/lib/fleet/run-store.ts. */
const RUNS = 'fleetwright-runs';

export type RunObjectAction = 's3:GetObject' | 's3:PutObject' | 's3:ListBucket';

/** Actions on the objects of runs, and the leave to use the key that their bucket is encrypted with. */
export function onRunObjects(
  { outputBucket, outputKey }: FoundationStack,
  ...actions: RunObjectAction[]
): PolicyStatement[] {
  const onObjects = actions.filter((action) => action !== 's3:ListBucket');
  const key = { 's3:GetObject': 'kms:Decrypt', 's3:PutObject': 'kms:GenerateDataKey' } as const;
  const list = new PolicyStatement({
    actions: ['s3:ListBucket'],
    resources: [outputBucket.bucketArn],
    conditions: { StringLike: { 's3:prefix': `${RUNS}/*` } },
  });
  return [
    new PolicyStatement({ actions: onObjects, resources: [outputBucket.arnForObjects(`${RUNS}/*`)] }),
    ...(actions.includes('s3:ListBucket') ? [list] : []),
    ...(outputKey === undefined
      ? []
      : [new PolicyStatement({ actions: onObjects.map((action) => key[action]), resources: [outputKey.keyArn] })]),
  ];
}

/** Tells cdk-nag why a role that was given the above names objects by pattern. */
export function acknowledgeRunObjects(role: Construct, foundation: FoundationStack): void {
  const { outputBucket } = foundation;
  const isOurs = outputBucket.node.defaultChild !== undefined;
  // By its export, because that is how the template and cdk-nag write it.
  const arn = isOurs ? foundation.exportValue(outputBucket.bucketArn) : outputBucket.bucketArn;
  acknowledgePattern(role, 'Each run has a folder of its own, by its name.', `${arn}/${RUNS}/*`);
}
