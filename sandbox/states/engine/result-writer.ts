import { EvaluationError } from '../failure.ts';
import { isObject, type Json } from '../json.ts';
import type { Execution } from './execution.ts';
import type { Frame } from './frame.ts';
import { putText } from './item-source.ts';
import type { MapRun } from './map-run.ts';

const iso = (date: Date | undefined): Json => date?.toISOString() ?? null;

function record({ start, end, stopDate, status }: Execution): Json {
  return {
    ExecutionArn: start.arn,
    Input: start.input,
    InputDetails: { Included: true },
    Name: start.name,
    ...(end?.output !== undefined && { Output: end.output, OutputDetails: { Included: true } }),
    ...(end?.error !== undefined && { Error: end.error }),
    ...(end?.cause !== undefined && { Cause: end.cause }),
    StartDate: iso(start.startDate),
    StateMachineArn: start.machine.arn,
    Status: status,
    StopDate: iso(stopDate),
  };
}

/** Writes what the children gave to S3, with a manifest. Source: Developer Guide, "ResultWriter". */
export async function writeResults(run: MapRun, args: Json, frame: Frame): Promise<Json> {
  if (!isObject(args))
    throw new EvaluationError('The Arguments of the ResultWriter must be an object', 'ResultWriter/Arguments');
  const { Bucket = null } = args;
  const Prefix = typeof args['Prefix'] === 'string' ? args['Prefix'] : '';
  const folder = `${Prefix}${Prefix === '' ? '' : '/'}${run.arn.slice(run.arn.lastIndexOf(':') + 1)}`;
  const files: Record<string, Json[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  for (const status of ['FAILED', 'SUCCEEDED'] as const) {
    const group = run.children.filter((child) => (child.status === 'SUCCEEDED') === (status === 'SUCCEEDED'));
    if (group.length === 0) continue;
    const Key = `${folder}/${status}_0.json`;
    const content = group.map(record);
    await putText(Bucket, Key, content, frame);
    files[status]?.push({ Key, Size: Buffer.byteLength(JSON.stringify(content)) });
    run.resultsWritten += group.length;
  }
  const Key = `${folder}/manifest.json`;
  await putText(Bucket, Key, { DestinationBucket: Bucket, MapRunArn: run.arn, ResultFiles: files }, frame);
  return { MapRunArn: run.arn, ResultWriterDetails: { Bucket, Key } };
}
