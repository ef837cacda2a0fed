import type { HistoryEvent, StartExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { VirtualClock } from '../sandbox/clock/virtual-clock.ts';
import { loadFleet, type Fleet } from '../sandbox/fleets/index.ts';
import { createSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { rounded } from './lib/measure.ts';
import type { Suite } from './lib/suite.ts';

const SIZES = [1, 50, 51, 1000, 10_000];
const MAX_EVENTS = 25_000;
const MAX_PAYLOAD_BYTES = 256 * 1024;
const SECONDS = 30;

// A type, because an interface is no Record.
type FleetRow = {
  readonly machines: number;
  readonly events: number;
  readonly transitions: number;
  readonly calls: number;
  readonly ssmCalls: number;
  readonly payloadBytes: number;
  readonly simulatedSeconds: number;
  readonly realSeconds: number;
};

/** So many machines of the demo fleet's first kind. */
function fleetOf(count: number): Fleet {
  const demo = loadFleet('sandbox/fleets/demo.json');
  const [model] = demo.instances;
  if (model === undefined) throw new Error('the demo fleet has no machines');
  const tags = { SSMRunAllowed: 'true', role: 'node' };
  const none = { launchTemplates: {}, autoScalingGroups: [], parameters: {} };
  return { ...demo, ...none, instances: [{ ...model, id: undefined, name: 'node', count, tags, volumes: [] }] };
}

/** Runs one script through fleet-command on so many machines, in a fresh embedded AWS, and counts what it took. */
async function measureFleet(assembly: string, machines: number): Promise<FleetRow> {
  const sandbox = await createSandbox({
    clock: new VirtualClock(),
    holdSchedules: true,
    assembly,
    fleet: fleetOf(machines),
  });
  try {
    const began = performance.now();
    const startedAt = sandbox.clock.now();
    const { executionArn = '' } = (await sandbox.call('states', 'StartExecution', {
      stateMachineArn: sandbox.deployment.outputs['FleetCommandStateMachineArn'],
      input: JSON.stringify({
        targets: { tags: { role: 'node' } },
        commands: [`sleep ${SECONDS}`],
        maxConcurrency: '20%',
      }),
    })) as StartExecutionCommandOutput;
    const execution = sandbox.states.execution(executionArn);
    await sandbox.clock.runUntil(() => execution?.end !== undefined);
    if (execution?.stopDate === undefined || execution.status !== 'SUCCEEDED')
      throw new Error(`fleet-command on ${machines} machines: ${JSON.stringify(execution?.end)}`);
    const calls = callsOf(sandbox);
    return {
      machines,
      events: execution.history.events.length,
      transitions: execution.transitions,
      calls: calls.length,
      ssmCalls: calls.filter(({ service }) => service === 'ssm').length,
      payloadBytes: largestPayload(execution.history.events),
      simulatedSeconds: rounded((execution.stopDate.getTime() - startedAt) / 1000, 0),
      realSeconds: rounded((performance.now() - began) / 1000, 1),
    };
  } finally {
    await sandbox.close();
  }
}

/** What our roles called, but for what the machines' agents do by themselves. */
const callsOf = ({ dispatcher }: Sandbox) =>
  dispatcher.journal.filter(({ caller, service }) => caller.kind === 'role' && service !== 's3');

/** The largest input, output or parameters that the history tells of. */
function largestPayload(events: readonly HistoryEvent[]): number {
  const sizes = events.flatMap((event) =>
    Object.values(event).flatMap((details) =>
      typeof details === 'object' && details !== null
        ? Object.values(details as Readonly<Record<string, unknown>>).map((value) =>
            typeof value === 'string' ? Buffer.byteLength(value) : 0,
          )
        : [],
    ),
  );
  return Math.max(...sizes);
}

/** How often as much of everything it takes as for the row before. */
function growth(rows: readonly FleetRow[]): string {
  return rows
    .slice(1)
    .map((row, index) => {
      const before = rows[index] ?? row;
      const times = (key: keyof FleetRow) => `${key} ×${rounded(row[key] / before[key], 1)}`;
      return `${before.machines} -> ${row.machines} machines: ${(['events', 'transitions', 'calls', 'ssmCalls', 'payloadBytes'] as const).map(times).join(', ')}`;
    })
    .join('\n');
}

export const fleetSuite: Suite<FleetRow> = {
  name: 'fleet',
  method: `sleep ${SECONDS} through fleet-command on N machines, 20 % of them at once, as synthesized for dev, in the embedded AWS and in virtual time.
calls are those of the functions and the state machine, without S3's (machines write their output there, too); ssmCalls those to Systems Manager.
payloadBytes is the largest input, output or parameter in the history, of ${MAX_PAYLOAD_BYTES} that Step Functions allows; events of ${MAX_EVENTS}.`,
  run: async (assembly, tell) => {
    const rows = [];
    for (const machines of SIZES) {
      tell(`${machines} machines`);
      rows.push(await measureFleet(assembly, machines));
    }
    return rows;
  },
  verdict: (rows) => {
    const beyond = rows.filter(({ events, payloadBytes }) => events >= MAX_EVENTS || payloadBytes >= MAX_PAYLOAD_BYTES);
    const held =
      beyond.length === 0
        ? 'Every size stays within the limits.'
        : `Beyond the limits: ${beyond.map(({ machines }) => machines).join(', ')}.`;
    return `${growth(rows)}\n${held}`;
  },
};
