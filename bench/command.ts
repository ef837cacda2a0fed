import type { StartExecutionCommandOutput } from '@aws-sdk/client-sfn';
import type { ListCommandInvocationsCommandOutput, GetCommandInvocationCommandOutput } from '@aws-sdk/client-ssm';
import { VirtualClock } from '../sandbox/clock/virtual-clock.ts';
import { loadFleet } from '../sandbox/fleets/index.ts';
import { createSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { rounded } from './lib/measure.ts';
import { pollingLambdaDollars } from './lib/polling-lambda.ts';
import { lambdaDollars, PRICES } from './lib/prices.ts';
import { billedInvocations } from './lib/reports.ts';
import type { Suite } from './lib/suite.ts';

const SECONDS = [1, 10, 60, 300, 900, 3600, 21_600, 86_400, 172_000];
/** The longest deadline there is. */
const TIMEOUT_SECONDS = 172_800;
/** A machine of the demo fleet that takes commands. */
const INSTANCE_ID = 'i-0aa11bb22cc33dd01';
/** The embedded AWS answers a function's calls in no time; on AWS each invocation waits about so long for them. */
const CALL_SECONDS = 0.12;

// A type, because an interface is no Record.
type CommandRow = {
  readonly seconds: number;
  readonly transitions: number;
  readonly events: number;
  readonly lambdaGbSeconds: number;
  readonly dollars: number;
  readonly pollingLambdaDollars: number;
  readonly lagSeconds: number;
};

/** Runs `sleep N` through run-command in a fresh embedded AWS and counts what it took. */
export async function measureCommand(assembly: string, seconds: number): Promise<CommandRow> {
  const sandbox = await createSandbox({
    clock: new VirtualClock(),
    holdSchedules: true,
    assembly,
    fleet: loadFleet('sandbox/fleets/demo.json'),
  });
  try {
    const { transitions, events, stopDate } = await execute(sandbox, seconds);
    const billed = await billedInvocations(sandbox);
    const gbSeconds = billed.reduce((sum, { seconds: own, gigabytes }) => sum + (own + CALL_SECONDS) * gigabytes, 0);
    const lagSeconds = (stopDate.getTime() - (await commandEnd(sandbox)).getTime()) / 1000;
    return {
      seconds,
      transitions,
      events,
      lambdaGbSeconds: rounded(gbSeconds, 3),
      dollars: rounded(transitions * PRICES.transition + lambdaDollars(gbSeconds, billed.length), 6),
      pollingLambdaDollars: rounded(pollingLambdaDollars(seconds), 6),
      lagSeconds: rounded(lagSeconds, 1),
    };
  } finally {
    await sandbox.close();
  }
}

interface Executed {
  readonly transitions: number;
  readonly events: number;
  readonly stopDate: Date;
}

async function execute(sandbox: Sandbox<VirtualClock>, seconds: number): Promise<Executed> {
  const { executionArn = '' } = (await sandbox.call('states', 'StartExecution', {
    stateMachineArn: sandbox.deployment.outputs['RunCommandStateMachineArn'],
    input: JSON.stringify({
      instanceId: INSTANCE_ID,
      commands: [`sleep ${seconds}`],
      timeoutSeconds: TIMEOUT_SECONDS,
    }),
  })) as StartExecutionCommandOutput;
  const execution = sandbox.states.execution(executionArn);
  await sandbox.clock.runUntil(() => execution?.end !== undefined);
  if (execution?.stopDate === undefined || execution.status !== 'SUCCEEDED')
    throw new Error(`sleep ${seconds} through run-command: ${JSON.stringify(execution?.end)}`);
  return { transitions: execution.transitions, events: execution.history.events.length, stopDate: execution.stopDate };
}

/** When the one command there is ended on its instance, as the agent reports it. */
async function commandEnd(sandbox: Sandbox): Promise<Date> {
  const { CommandInvocations: [sent] = [] } = (await sandbox.call(
    'ssm',
    'ListCommandInvocations',
    {},
  )) as ListCommandInvocationsCommandOutput;
  const invocation = (await sandbox.call('ssm', 'GetCommandInvocation', {
    CommandId: sent?.CommandId,
    InstanceId: INSTANCE_ID,
  })) as GetCommandInvocationCommandOutput;
  return new Date(invocation.ExecutionEndDateTime ?? Number.NaN);
}

export const commandSuite: Suite<CommandRow> = {
  name: 'command',
  method: `sleep N through run-command as synthesized for dev, in the embedded AWS and in virtual time, with the longest deadline (48 h).
lagSeconds is from the end of the command on its instance to the end of the execution. dollars are transitions, Lambda's
GB-seconds and its requests, at the prices of bench/lib/prices.ts; a function is billed what its report says, and ${CALL_SECONDS} s
per invocation for its calls, which take AWS time and the embedded one none. pollingLambdaDollars is a function of 512 MB on
arm64 that waits inside itself and looks every 2 s. No function runs beyond 15 minutes: it would have to chain invocations,
and what hands over is counted as free. Neither side counts what both need: the result row, logs, S3.`,
  run: async (assembly, tell) => {
    const rows = [];
    for (const seconds of SECONDS) {
      tell(`a command of ${seconds} s`);
      rows.push(await measureCommand(assembly, seconds));
    }
    return rows;
  },
  verdict: (rows) => {
    const dearer = rows.filter(({ dollars, pollingLambdaDollars: polling }) => dollars > polling);
    const list = dearer.map(({ seconds }) => `${seconds} s`).join(', ');
    return `The polling function is cheaper for commands of ${list || 'no length'}; run-command for the others.`;
  },
};
