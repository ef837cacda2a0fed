import type { StartExecutionCommandOutput } from '@aws-sdk/client-sfn';
import type { DescribeInstanceRefreshesCommandOutput } from '@aws-sdk/client-auto-scaling';
import { VirtualClock } from '../sandbox/clock/virtual-clock.ts';
import { loadFleet, parseFleet, type Fleet } from '../sandbox/fleets/index.ts';
import { createSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { rounded } from './lib/measure.ts';
import type { Suite } from './lib/suite.ts';

const SIZES = [1, 10, 100, 1000];
const PER_GROUP = 10;
/** A wave of a rollout has so many targets at the most. */
const MOST_IN_WAVE = 200;
const PARAMETER = '/ami/linux/test';
const NEW_AMI = 'ami-01111111111111111';
const WAVES = { canary: 1, batch: '25%', concurrency: 100, maxFailures: 0, bakeSeconds: 300 };
const PREFERENCES = { minHealthyPercentage: 50, instanceWarmup: 30 };

// A type, because an interface is no Record.
type RolloutRow = {
  readonly groups: number;
  readonly machines: number;
  readonly events: number;
  readonly transitions: number;
  readonly calls: number;
  readonly simulatedSeconds: number;
  readonly lowerBoundSeconds: number;
  readonly realSeconds: number;
};

/** So many groups of one launch template each, all of which follow the parameter. */
function fleetOf(groups: number): Fleet {
  const demo = loadFleet('sandbox/fleets/demo.json');
  const image = demo.images['al2023'];
  const names = Array.from({ length: groups }, (_, index) => `group-${String(index).padStart(4, '0')}`);
  return parseFleet(
    {
      images: { old: image, next: { ...image, id: NEW_AMI } },
      instances: [],
      launchTemplates: Object.fromEntries(
        names.map((name) => [name, { image: 'old', type: 't3.small', profile: { output: 'InstanceProfileName' } }]),
      ),
      autoScalingGroups: names.map((name) => ({
        ...{ name, launchTemplate: { name }, desired: PER_GROUP, healthCheckGraceSeconds: 30 },
        groupTags: { SSMRunAllowed: 'true', 'fleetwright:ami': 'linux-test' },
      })),
      parameters: { [PARAMETER]: { value: NEW_AMI } },
    },
    'bench/rollout.ts',
  );
}

async function setPolicy(sandbox: Sandbox): Promise<void> {
  const policy = {
    parameter: PARAMETER,
    selector: { tags: { 'fleetwright:ami': 'linux-test' } },
    waves: WAVES,
    preferences: PREFERENCES,
  };
  const Name = `/fleetwright/dev/rollout-policies${PARAMETER}`;
  await sandbox.call('ssm', 'PutParameter', { Name, Value: JSON.stringify(policy), Overwrite: true });
}

/** Rolls an AMI through so many groups, in a fresh embedded AWS, and counts what it took. */
async function measureRollout(assembly: string, groups: number): Promise<RolloutRow> {
  const sandbox = await createSandbox({
    clock: new VirtualClock(),
    holdSchedules: true,
    assembly,
    fleet: fleetOf(groups),
  });
  try {
    await setPolicy(sandbox);
    const began = performance.now();
    const startedAt = sandbox.clock.now();
    const { executionArn = '' } = (await sandbox.call('states', 'StartExecution', {
      stateMachineArn: sandbox.deployment.outputs['AmiRolloutStateMachineArn'],
      input: JSON.stringify({ parameter: PARAMETER }),
    })) as StartExecutionCommandOutput;
    const execution = sandbox.states.execution(executionArn);
    await sandbox.clock.runUntil(() => execution?.end !== undefined);
    if (execution?.stopDate === undefined || execution.status !== 'SUCCEEDED')
      throw new Error(`ami-rollout on ${groups} groups: ${JSON.stringify(execution?.end)}`);
    return {
      groups,
      machines: groups * PER_GROUP,
      events: execution.history.events.length,
      transitions: execution.transitions,
      calls: sandbox.dispatcher.journal.filter(({ caller }) => caller.kind === 'role').length,
      simulatedSeconds: rounded((execution.stopDate.getTime() - startedAt) / 1000, 0),
      lowerBoundSeconds: rounded(await lowerBound(sandbox, groups), 0),
      realSeconds: rounded((performance.now() - began) / 1000, 1),
    };
  } finally {
    await sandbox.close();
  }
}

/** Seconds that Auto Scaling took for the refresh of a group. */
async function refreshSeconds(sandbox: Sandbox, AutoScalingGroupName: string): Promise<number> {
  const { InstanceRefreshes = [] } = (await sandbox.call('autoscaling', 'DescribeInstanceRefreshes', {
    AutoScalingGroupName,
  })) as DescribeInstanceRefreshesCommandOutput;
  const [refresh] = InstanceRefreshes;
  return ((refresh?.EndTime?.getTime() ?? 0) - (refresh?.StartTime?.getTime() ?? 0)) / 1000;
}

/**
 * The least time in which jobs can be done, so many at once: as long as the longest, as all of them share the places, and, of
 * the longest N places + 1 of them, as long as the N + 1 shortest, of which one place has to take as many.
 */
function leastSeconds(jobs: readonly number[], places: number): number {
  const sorted = jobs.toSorted((a, b) => b - a);
  const sum = (some: readonly number[]) => some.reduce((total, each) => total + each, 0);
  let least = Math.max(sorted[0] ?? 0, sum(sorted) / places);
  for (let rounds = 1; rounds * places < sorted.length; rounds++)
    least = Math.max(least, sum(sorted.slice(rounds * (places - 1), rounds * places + 1)));
  return least;
}

/** What the policy allows at the best: each wave as long as its refreshes take, so many at once, and then it bakes. */
async function lowerBound(sandbox: Sandbox, groups: number): Promise<number> {
  const batch = Math.ceil((Number.parseInt(WAVES.batch, 10) * groups) / 100);
  let seconds = 0;
  for (
    let from = 0, size = WAVES.canary;
    from < groups;
    from += size, size = Math.min(batch, MOST_IN_WAVE, groups - from)
  ) {
    const took: number[] = [];
    for (let index = from; index < from + size; index++)
      took.push(await refreshSeconds(sandbox, `group-${String(index).padStart(4, '0')}`));
    seconds += leastSeconds(took, WAVES.concurrency) + WAVES.bakeSeconds;
  }
  return seconds;
}

export const rolloutSuite: Suite<RolloutRow> = {
  name: 'rollout',
  method: `A new AMI through N groups of ${PER_GROUP} machines: canary ${WAVES.canary}, batches of ${WAVES.batch}, ${WAVES.concurrency} groups at once, ${WAVES.bakeSeconds} s of baking, at least
${PREFERENCES.minHealthyPercentage} % healthy, as synthesized for dev, in the embedded AWS and in virtual time. events and transitions are those of ami-rollout itself; calls those of all roles.
lowerBoundSeconds: for each wave the least time in which its refreshes, as long as Auto Scaling tells of each, can be done so many at once, and the baking.`,
  run: async (assembly, tell) => {
    const rows = [];
    for (const groups of SIZES) {
      tell(`${groups} groups`);
      rows.push(await measureRollout(assembly, groups));
    }
    return rows;
  },
  verdict: (rows) =>
    rows
      .map(({ groups, simulatedSeconds, lowerBoundSeconds, calls }) => {
        const above = rounded((100 * simulatedSeconds) / lowerBoundSeconds - 100, 1);
        return `${groups} groups: ${above} % above the lower bound, ${rounded(calls / groups, 1)} calls a group`;
      })
      .join('\n'),
};
