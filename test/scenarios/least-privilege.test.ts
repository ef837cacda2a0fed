import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Grant } from '../../sandbox/services/iam/index.ts';
import type { Fault } from '../../sandbox/faults/fault-plan.ts';
import { ask } from '../support/api.ts';
import { association, byId } from '../support/associations.ts';
import { isOfDriftChecks, isOfRollouts, nameOf, usedByAws } from '../support/grants.ts';
import { amis, launchTemplate, placeGroup } from '../support/groups.ts';
import { createLab, type Lab } from '../support/lab.ts';
import { machines } from '../support/fleet.ts';
import { alarmedRollout, clearForRollout, smallRollout, smallRolloutFleet } from '../support/small-rollout.ts';

type Request = Readonly<Record<string, unknown>>;

interface Course {
  /** `RunCommand` unless told. */
  readonly runbook?: string;
  /** The runbook's input, started through Step Functions. */
  readonly request?: Request | ((lab: Lab) => Promise<object>);
  /** What is asked of the API instead; it goes on whatever is answered: with a call refused, the log of its function tells of it. */
  readonly api?: (lab: Lab) => Promise<unknown>;
  /** What goes on beside it. */
  readonly beside?: object;
  readonly stopAfter?: number;
  /** The runbook of an execution that is gone and has left the lock of the web server. */
  readonly leftLock?: string;
  readonly faults?: readonly Fault[];
}

let groups = 0;

/** A group by itself, whose template has all that asks IAM for something. */
const onGroup =
  (more: object = {}, version = '1') =>
  async (lab: Lab): Promise<Request> => {
    const name = `group-${groups++}`;
    const LaunchTemplateId = await launchTemplate(lab, name);
    await placeGroup(lab, { name, count: 1, input: { LaunchTemplate: { LaunchTemplateId, Version: version } } });
    return { autoScalingGroupName: name, imageId: amis.good, ...more };
  };
/** A group that is being refreshed by somebody else. */
async function onBusyGroup(lab: Lab): Promise<Request> {
  const request = await onGroup({ onInstanceRefreshInProgress: 'cancel' })(lab);
  await lab.call('autoscaling', 'StartInstanceRefresh', { AutoScalingGroupName: request['autoScalingGroupName'] });
  return request;
}

const LATE = { timeoutSeconds: 600, preferences: { minHealthyPercentage: 0, bakeTime: 7200 } };

const onWeb = async (lab: Lab) => ({ associationId: await association(lab, byId(machines.web), ['sleep 5']) });

const post = (lab: Lab, path: string, body?: object, prefer = 'respond-async') =>
  ask(lab, { method: 'POST', path, headers: { prefer }, ...(body && { body }) });

/** What each route that starts something is asked for, with commands for Linux or for Windows. */
const STARTS: Readonly<Record<string, (lab: Lab, seconds: number) => Promise<Request>>> = {
  '/run-commands': async (_, seconds) => ({ instance_id: machines.web, commands: [`sleep ${seconds}`] }),
  '/fleet-commands': async (_, seconds) => ({
    targets: { instance_ids: ['i-0aa11bb22cc33dd02'] },
    commands: [`sleep ${seconds}`],
  }),
  '/start-association': async (lab, seconds) => ({
    association_id: await association(lab, byId(machines.windows), [`Start-Sleep ${seconds}`], {
      Name: 'AWS-RunPowerShellScript',
    }),
  }),
};

const started = async (lab: Lab, path: string, seconds: number, prefer?: string) =>
  post(lab, path, await STARTS[path]?.(lab, seconds), prefer);

/** One course for each thing that can be asked of the API, so that a withheld action costs what it concerns alone. */
const API_COURSES: Readonly<Record<string, Course>> = Object.fromEntries([
  ...Object.keys(STARTS).flatMap((path): [string, Course][] => [
    [`POST ${path}, waited for`, { api: (lab) => started(lab, path, 1, 'wait=25') }],
    [
      `POST ${path}, looked at and stopped`,
      {
        api: async (lab) => {
          const { headers } = await started(lab, path, 5000);
          const execution = String(headers['location'] ?? '/executions/run-command.none');
          await ask(lab, { method: 'GET', path: execution });
          if (path === '/fleet-commands') await post(lab, `${execution}/stop`);
          await post(lab, `${execution}/stop?force=true`);
        },
      },
    ],
  ]),
  ['GET /executions', { api: (lab) => ask(lab, { method: 'GET', path: '/executions' }) }],
  [
    'a refresh that is stopped by the API',
    {
      runbook: 'RefreshAsg',
      api: async (lab) => {
        const refresh = await lab.start('RefreshAsg', await onGroup(LATE)(lab));
        await lab.sandbox.clock.runFor(30_000);
        await post(lab, `/executions/refresh-asg.${refresh.slice(refresh.lastIndexOf(':') + 1)}/stop?force=true`);
      },
    },
  ],
]);

/** Together these take every path of the runbooks that makes a call of its own; of rollouts those that most are on. */
const COURSES: Readonly<Record<string, Course>> = {
  success: { request: { instanceId: machines.web, commands: ['sleep 5; echo done'] } },
  'success on Windows': { request: { instanceId: machines.windows, commands: ['Write-Output done'] } },
  refusal: { request: { instanceId: machines.untagged } },
  abort: { request: { instanceId: machines.web, commands: ['sleep 5000'] }, stopAfter: 30 },
  deadline: { request: { instanceId: machines.web, commands: ['sleep 5000'], timeoutSeconds: 60 } },
  'a lock that is taken over': { request: { instanceId: machines.web }, leftLock: 'RunCommand' },
  'a lock that is taken over from an association': {
    request: { instanceId: machines.web },
    leftLock: 'StartAssociation',
  },
  'an association': { runbook: 'StartAssociation', request: onWeb },
  'an association of which an instance is locked': {
    runbook: 'StartAssociation',
    request: onWeb,
    beside: { instanceId: machines.web, commands: ['sleep 60'] },
  },
  ...API_COURSES,
  'a lock that is taken over from a refresh': { request: { instanceId: machines.web }, leftLock: 'RefreshAsg' },
  'a group that launches by the latest version': { runbook: 'RefreshAsg', request: onGroup({}, '$Latest') },
  'a group that somebody else refreshes': { runbook: 'RefreshAsg', request: onBusyGroup },
  'a group that is late': { runbook: 'RefreshAsg', request: onGroup(LATE) },
  'a lock that is taken over from a fleet command': { request: { instanceId: machines.web }, leftLock: 'FleetCommand' },
  'a fleet with a machine that is offline': {
    runbook: 'FleetCommand',
    request: {
      targets: { instanceIds: [machines.web, machines.windows, machines.offline] },
      commands: ['echo done'],
      maxConcurrency: 3,
    },
  },
  ...Object.fromEntries(
    ['RunCommand', 'StartAssociation', 'FleetCommand', 'RefreshAsg'].map((leftLock): [string, Course] => [
      `a fleet that takes a lock over from ${leftLock}`,
      { runbook: 'FleetCommand', request: { targets: { instanceIds: [machines.web] } }, leftLock },
    ]),
  ),
  'a fleet of which one machine cannot be sent to': {
    runbook: 'FleetCommand',
    request: { targets: { instanceIds: [machines.web, machines.windows] }, commands: ['echo done'], maxConcurrency: 2 },
    faults: [{ service: 'ssm', operation: 'SendCommand', nth: 2, times: 2, action: { kind: 'deny' } }],
  },
  'a fleet that cannot be sent to': {
    runbook: 'FleetCommand',
    request: { targets: { instanceIds: [machines.web] }, commands: ['echo done'] },
    faults: [{ service: 'ssm', operation: 'SendCommand', nth: 1, times: 2, action: { kind: 'deny' } }],
  },
  'a fleet that waits for a lock': {
    runbook: 'FleetCommand',
    request: { targets: { instanceIds: [machines.web] }, commands: ['echo done'] },
    beside: { instanceId: machines.web, commands: ['sleep 60'] },
  },
  'a fleet that does not end': {
    runbook: 'FleetCommand',
    request: { targets: { instanceIds: [machines.dying] }, commands: ['sleep 5000'], timeoutSeconds: 30 },
  },
  'a rollout that completes': {
    runbook: 'AmiRollout',
    request: (lab) => smallRollout(lab, `rollout-${groups++}`, { canary: 1 }),
  },
  'a rollout that goes back': {
    runbook: 'AmiRollout',
    request: (lab) => alarmedRollout(lab, `rollout-${groups++}`, { canary: 1 }),
  },
  'a drift check that starts a rollout': {
    runbook: 'CheckDrift',
    request: async (lab) => {
      await smallRollout(lab, `rollout-${groups++}`, { canary: 0 });
      return {};
    },
  },
  'lost answer': {
    request: { instanceId: machines.web, commands: ['echo once'] },
    faults: [{ service: 'ssm', operation: 'SendCommand', nth: 1, action: { kind: 'lose-answer' } }],
  },
};

async function follow(lab: Lab, course: Course): Promise<string> {
  const { runbook = 'RunCommand', request = {}, api, beside, stopAfter, leftLock, faults = [] } = course;
  // It dies anew.
  lab.sandbox.ssm.agents.set(machines.dying, 'dies-at-command');
  await clearForRollout(lab);
  if (leftLock !== undefined) await lab.leaveLock(`instance/${machines.web}`, leftLock);
  if (beside !== undefined) {
    await lab.start('RunCommand', beside);
    await lab.sandbox.clock.runFor(20_000);
  }
  lab.sandbox.faults.arm(faults);
  if (api !== undefined) {
    await api(lab);
    await lab.finish();
    return (await lab.executions(runbook))[0]?.executionArn ?? 'none';
  }
  const executionArn = await lab.start(runbook, typeof request === 'function' ? await request(lab) : request);
  if (stopAfter !== undefined) {
    await lab.sandbox.clock.runFor(stopAfter * 1000);
    if ((await lab.describe(executionArn)).status === 'RUNNING')
      await lab.call('states', 'StopExecution', { executionArn });
  }
  await lab.settle(executionArn);
  return executionArn;
}

/** What the API answers hides our inside: it is in the logs of its functions. */
const API_FUNCTIONS = [
  'StartRunCommand',
  'StartFleetCommand',
  'StartStartAssociation',
  'ListExecutions',
  'GetExecution',
  'StopExecution',
];
const NOT_AUTHORIZED = 'not authorized to perform';

/** What the agent of the web server has logged. */
async function agentLog(lab: Lab): Promise<string> {
  const log = '/var/log/amazon/ssm/amazon-ssm-agent.log';
  const { fs } = lab.sandbox.ec2.store.machine(machines.web);
  return (await fs.exists(log)) ? fs.readFile(log) : '';
}

/**
 * All that an operator can read of a course with an action withheld from a role: histories, row, undelivered events, the
 * agent's log on the machine, the API's. Afterwards the lab is as it was.
 */
async function toldWithout(lab: Lab, { role, action }: Grant, course: Course): Promise<string> {
  const { iam, states, faults, clock } = lab.sandbox;
  const [ran, logged, since] = [states.executions().length, (await agentLog(lab)).length, clock.date()];
  iam.withhold([{ role, action }]);
  const executionArn = await follow(lab, course);
  const histories = states.executions().slice(ran);
  const told = JSON.stringify([
    histories.map(({ history }) => history.events),
    (await agentLog(lab)).slice(logged),
    await lab.row(executionArn),
    await lab.deadLetters(),
    await Promise.all(API_FUNCTIONS.map((name) => lab.logged(`${name}FunctionName`, NOT_AUTHORIZED, since))),
  ]);
  iam.withhold([]);
  faults.arm([]);
  await lab.dropLocks();
  await lab.dropDeadLetters();
  return told;
}

describe('the roles of the template', () => {
  let lab: Lab;
  const courseOf = new Map<string, string>();
  /** The operations that a fault denied. */
  const denied: string[] = [];
  beforeAll(async () => {
    lab = await createLab({ fleet: smallRolloutFleet });
    for (const [name, course] of Object.entries(COURSES)) {
      await follow(lab, course);
      const struck = lab.sandbox.faults.struck as readonly Fault[];
      denied.push(...struck.filter(({ action }) => action.kind === 'deny').map(({ operation }) => operation));
      for (const grant of lab.sandbox.iam.usage()) if (!courseOf.has(nameOf(grant))) courseOf.set(nameOf(grant), name);
    }
  }, 300_000);
  afterAll(() => lab.sandbox.close());

  it('see no call refused in any course, but by a fault', () => {
    const refused = lab.sandbox.dispatcher.journal.filter(({ outcome }) =>
      /AccessDenied|Unauthorized|Authorization/.test(outcome),
    );
    expect(denied).not.toEqual([]);
    expect(refused.map(({ operation }) => operation)).toEqual(denied);
  });

  it('grant nothing that no course uses, but for what AWS uses on our behalf', () => {
    const idle = lab.sandbox.iam
      .grants()
      .filter((grant) => !isOfRollouts(grant) && !isOfDriftChecks(grant))
      .filter((grant) => !courseOf.has(nameOf(grant)) && !usedByAws(lab.sandbox, grant));
    expect(idle.map(nameOf)).toEqual([]);
  });

  it('miss each action that is taken out of them, by its name', async () => {
    const silent: string[] = [];
    const seen = new Set<string>();
    for (const grant of lab.sandbox.iam.grants()) {
      const course = COURSES[courseOf.get(nameOf(grant)) ?? ''];
      const key = `${grant.role} ${grant.action}`;
      if (course === undefined || seen.has(key)) continue;
      seen.add(key);
      const told = await toldWithout(lab, grant, course);
      // SNS writes its own prefix in capitals.
      if (!told.toLowerCase().includes(`not authorized to perform: ${grant.action.toLowerCase()}`)) silent.push(key);
    }
    expect(silent).toEqual([]);
  }, 600_000);
});
