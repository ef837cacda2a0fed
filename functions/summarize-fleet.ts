import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from './lib/zod.ts';
import { s3Client } from './lib/clients.ts';
import { RunStore } from './lib/fleet/run-store.ts';
import { jsonLines } from './lib/run-objects.ts';
import { Summary } from './lib/fleet/summary.ts';
import { Execution } from './lib/schemas/common.ts';
import { FleetCommandResult } from './lib/schemas/fleet-command.ts';
import { FleetPlan, Progress } from './lib/schemas/fleet-command-run.ts';
import { task } from './lib/task.ts';

const s3 = s3Client();

export const Input = z.strictObject({ execution: Execution, plan: FleetPlan, progress: Progress });
export const Output = FleetCommandResult;

/**
 * Says what a run came to, from what its functions left in S3, and writes it there: who was refused, who was never sent to,
 * and the result itself. Source: S3 GetObject, ListObjectsV2, PutObject.
 */
export const handler = task(
  { input: Input, output: Output, target: ({ execution }) => execution.name },
  async ({ plan, progress }) => {
    const store = new RunStore(s3, plan);
    const summary = new Summary();
    for await (const lines of store.results()) for (const line of lines) summary.add(line);
    const refusals = await store.allRefusals();
    const targets = await store.allTargets(1);
    const { result, notCommanded } = summary.finish({
      targets: targets.map(([id]) => id),
      refusals,
      stop: progress.stop,
      resultsUri: `s3://${plan.bucket}/${plan.prefix}/`,
    });
    await store.writeForPeople('refused.jsonl', jsonLines(refusals));
    await store.writeForPeople('not-commanded.jsonl', jsonLines(notCommanded.map((instanceId) => ({ instanceId }))));
    await store.writeForPeople('summary.json', JSON.stringify(result, null, 2));
    new Metrics()
      .singleMetric()
      .addDimension('status', result.status)
      .addMetric('FleetCommandsFinished', MetricUnit.Count, 1);
    return result;
  },
);
