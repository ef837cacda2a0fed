import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Grant } from '../../sandbox/services/iam/index.ts';
import type { Fault } from '../../sandbox/faults/fault-plan.ts';
import { ask } from '../support/api.ts';
import { association, byId } from '../support/associations.ts';
import { isOfDriftChecks, isOfRollouts, nameOf, usedByAws } from '../support/grants.ts';
import { amis, groupFleet, launchTemplate, placeGroup } from '../support/groups.ts';
import { createLab, type Lab } from '../support/lab.ts';
import { machines } from '../support/fleet.ts';

type Request = Readonly<Record<string, unknown>>;

interface Course {
  /** `RunCommand` unless told. */
  readonly runbook?: string;
  /** The runbook's input, started through Step Functions; without one, the API is asked for everything it can do. */
  readonly request?: Request | ((lab: Lab) => Promise<Request>);
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

/** Together these take every path of the runbooks that makes a call of its own. */
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
  'the API': {},
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
  'lost answer': {
    request: { instanceId: machines.web, commands: ['echo once'] },
    faults: [{ service: 'ssm', operation: 'SendCommand', nth: 1, action: { kind: 'lose-answer' } }],
  },
};

async function follow(lab: Lab, course: Course): Promise<string> {
  const { runbook = 'RunCommand', request, beside, stopAfter, leftLock, faults = [] } = course;
  // It dies anew.
  lab.sandbox.ssm.agents.set(machines.dying, 'dies-at-command');
  if (leftLock !== undefined) await lab.leaveLock(`instance/${machines.web}`, leftLock);
  if (beside !== undefined) {
    await lab.start('RunCommand', beside);
    await lab.sandbox.clock.runFor(20_000);
  }
  lab.sandbox.faults.arm(faults);
  if (request === undefined) return callEveryRoute(lab);
  const executionArn = await lab.start(runbook, typeof request === 'function' ? await request(lab) : request);
  if (stopAfter !== undefined) {
    await lab.sandbox.clock.runFor(stopAfter * 1000);
    if ((await lab.describe(executionArn)).status === 'RUNNING')
      await lab.call('states', 'StopExecution', { executionArn });
  }
  await lab.settle(executionArn);
  return executionArn;
}

/** Goes on whatever is answered: with a call refused, the log of its function tells of it. */
async function callEveryRoute(lab: Lab): Promise<string> {
  const start = (path: string, body: object, prefer: string) =>
    ask(lab, { method: 'POST', path, headers: { prefer }, body });
  const commanding = (commands: string[]) => ({ instance_id: machines.web, commands });
  const associating = async (commands: string[]) => ({
    association_id: await association(lab, byId(machines.windows), commands, { Name: 'AWS-RunPowerShellScript' }),
  });
  const onFleet = (commands: string[]) => ({ targets: { instance_ids: ['i-0aa11bb22cc33dd02'] }, commands });
  await start('/run-commands', commanding(['true']), 'wait=25');
  await start('/fleet-commands', onFleet(['true']), 'wait=25');
  await start('/start-association', await associating(['Write-Output done']), 'wait=25');
  await ask(lab, { method: 'GET', path: '/executions' });
  for (const { headers } of [
    await start('/run-commands', commanding(['sleep 5000']), 'respond-async'),
    await start('/fleet-commands', onFleet(['sleep 5000']), 'respond-async'),
    await start('/start-association', await associating(['Start-Sleep 5000']), 'respond-async'),
  ]) {
    const path = String(headers['location'] ?? '/executions/run-command.none');
    await ask(lab, { method: 'GET', path });
    if (path.includes('fleet-command')) await ask(lab, { method: 'POST', path: `${path}/stop` });
    await ask(lab, { method: 'POST', path: `${path}/stop?force=true` });
  }
  const refresh = await lab.start('RefreshAsg', await onGroup(LATE)(lab));
  await lab.sandbox.clock.runFor(30_000);
  const id = `refresh-asg.${refresh.slice(refresh.lastIndexOf(':') + 1)}`;
  await ask(lab, { method: 'POST', path: `/executions/${id}/stop?force=true` });
  await lab.finish();
  const [execution] = await lab.executions('RunCommand');
  return execution?.executionArn ?? 'none';
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
    lab = await createLab({ fleet: groupFleet });
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
