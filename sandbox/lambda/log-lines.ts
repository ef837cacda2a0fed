import type { FunctionVersion } from './functions.ts';

/** What the platform says about one invocation. Milliseconds throughout. */
export interface Report {
  readonly requestId: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Present for the first invocation of an execution environment. */
  readonly initDuration?: number;
  readonly status: 'success' | 'error' | 'timeout';
}

const platform = (time: number, type: string, record: object): string =>
  JSON.stringify({ time: new Date(time).toISOString(), type, record });

/** Initialisation is billed, as it has been for all functions since August 2025. */
const billed = ({ startedAt, endedAt, initDuration = 0 }: Report): number =>
  Math.ceil(endedAt - startedAt + initDuration);

/** The sandbox does not measure memory: what was used is reported as what there is. */
function textReport(report: Report, { properties: { MemorySize } }: FunctionVersion): string {
  const duration = (report.endedAt - report.startedAt).toFixed(2);
  const init = report.initDuration === undefined ? '' : `Init Duration: ${report.initDuration.toFixed(2)} ms\t`;
  const status = report.status === 'timeout' ? 'Status: timeout\t' : '';
  return `REPORT RequestId: ${report.requestId}\tDuration: ${duration} ms\tBilled Duration: ${billed(report)} ms\tMemory Size: ${MemorySize} MB\tMax Memory Used: ${MemorySize} MB\t${init}${status}`;
}

function jsonReport(report: Report, { properties: { MemorySize } }: FunctionVersion): string {
  const metrics = {
    durationMs: report.endedAt - report.startedAt,
    billedDurationMs: billed(report),
    memorySizeMB: MemorySize,
    maxMemoryUsedMB: MemorySize,
    initDurationMs: report.initDuration,
  };
  return platform(report.endedAt, 'platform.report', { requestId: report.requestId, metrics, status: report.status });
}

/** The log events of one invocation: those of the platform around those of the function. */
export function invocationEvents(
  version: FunctionVersion,
  report: Report,
  events: readonly string[],
): readonly string[] {
  const { LogFormat, SystemLogLevel } = version.properties.LoggingConfig;
  const { requestId } = report;
  if (LogFormat === 'Text')
    return [
      `START RequestId: ${requestId} Version: ${version.version}`,
      ...events,
      `END RequestId: ${requestId}`,
      textReport(report, version),
    ];
  if (SystemLogLevel === 'WARN') return events;
  const start = platform(report.startedAt, 'platform.start', { requestId, version: version.version });
  return [start, ...events, jsonReport(report, version)];
}
