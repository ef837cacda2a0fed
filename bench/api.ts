import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { apiClient, type ApiAnswer } from '../cli/lib/api-client.ts';
import { RealClock } from '../sandbox/clock/real-clock.ts';
import { OPERATOR } from '../sandbox/core/credentials.ts';
import { REGION } from '../sandbox/core/world.ts';
import { loadFleet } from '../sandbox/fleets/index.ts';
import { createSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { median, quantile, rounded } from './lib/measure.ts';
import type { Suite } from './lib/suite.ts';

const WARM_UP = 20;
const ROUNDS = 200;
const CONCURRENCY = 8;
/** No machine of the fleet: the runbook refuses it at once, so that what is measured is the start and not the run. */
const INSTANCE_ID = 'i-0fffffffffffffff0';

// A type, because an interface is no Record.
type ApiRow = {
  readonly route: string;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly addedMs: number;
};

type Request = () => Promise<unknown>;

interface Pair {
  readonly route: string;
  readonly throughApi: Request;
  readonly direct: Request;
}

async function milliseconds(request: Request): Promise<number> {
  const started = performance.now();
  await request();
  return performance.now() - started;
}

/** Latencies of both ways, one request at a time, by turns: whatever else the machine does meets both alike. */
async function alternate({ throughApi, direct }: Pair, rounds: number) {
  const times = { api: [] as number[], direct: [] as number[] };
  const turns = [
    async () => times.api.push(await milliseconds(throughApi)),
    async () => times.direct.push(await milliseconds(direct)),
  ];
  for (let round = 0; round < rounds; round++)
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
  return times;
}

/** Requests per second with CONCURRENCY clients, each sending its next request when it has the answer. */
async function throughput(request: Request): Promise<number> {
  const client = async () => {
    for (let sent = 0; sent < ROUNDS / CONCURRENCY; sent++) await request();
  };
  const elapsed = await milliseconds(() => Promise.all(Array.from({ length: CONCURRENCY }, client)));
  return (ROUNDS / elapsed) * 1000;
}

async function measure(pair: Pair): Promise<ApiRow> {
  await alternate(pair, WARM_UP);
  const { api, direct } = await alternate(pair, ROUNDS);
  return {
    route: pair.route,
    requestsPerSecond: rounded(await throughput(pair.throughApi), 0),
    p50Ms: rounded(median(api), 2),
    p99Ms: rounded(quantile(api, 0.99), 2),
    addedMs: rounded(median(api) - median(direct), 2),
  };
}

function expecting(status: number, answer: ApiAnswer): ApiAnswer {
  if (answer.status !== status) throw new Error(`the API answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer;
}

/** The routes measured, each beside the call that somebody without the API would make. */
async function pairsOf({ endpoint, deployment }: Sandbox): Promise<readonly Pair[]> {
  const { accessKeyId, secretAccessKey } = OPERATOR;
  const caller = { region: REGION, credentials: { accessKeyId, secretAccessKey } };
  const { ApiEndpoint = '', RunCommandStateMachineArn: stateMachineArn } = deployment.outputs;
  const api = apiClient(ApiEndpoint, caller);
  const sfn = new SFNClient({ endpoint, ...caller });
  const body = { instance_id: INSTANCE_ID };
  const start = async () => expecting(202, await api.send({ method: 'POST', path: '/run-commands', body }));
  const startDirectly = () =>
    sfn.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify({ instanceId: INSTANCE_ID }) }));
  const path = (await start()).headers.get('location') ?? '';
  const { executionArn } = await startDirectly();
  return [
    { route: 'POST /run-commands', throughApi: start, direct: startDirectly },
    {
      route: 'GET /executions/{id}',
      throughApi: async () => expecting(200, await api.send({ method: 'GET', path })),
      direct: () => sfn.send(new DescribeExecutionCommand({ executionArn })),
    },
  ];
}

export const apiSuite: Suite<ApiRow> = {
  name: 'api',
  method: `The HTTP API in the embedded AWS, in real time, over HTTP on 127.0.0.1, each request signed, by the IAM caller who may do everything.
p50Ms and p99Ms: ${ROUNDS} requests one after the other, by turns with the same request made directly (StartExecution,
DescribeExecution), after ${WARM_UP} of each; addedMs is the difference of the medians. requestsPerSecond: ${ROUNDS} more, ${CONCURRENCY} at a time.
Started executions end at once: their instance does not exist. API Gateway's and Lambda's own network time on AWS are not in it.`,
  run: async (assembly) => {
    const clock = new RealClock();
    const sandbox = await createSandbox({
      clock,
      holdSchedules: true,
      assembly,
      fleet: loadFleet('sandbox/fleets/demo.json'),
    });
    try {
      const rows = [];
      for (const pair of await pairsOf(sandbox)) rows.push(await measure(pair));
      return rows;
    } finally {
      await sandbox.close();
      // What is still to come in the stacks would keep the process.
      clock.stop();
    }
  },
  verdict: (rows) => rows.map(({ route, addedMs }) => `${route}: the API adds ${addedMs} ms at the median.`).join('\n'),
};
