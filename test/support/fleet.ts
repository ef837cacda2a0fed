import { loadFleet, type Fleet, type FleetInstance } from '../../sandbox/fleets/index.ts';

const demo = loadFleet('sandbox/fleets/demo.json');

/** Instance ids by what a scenario wants of the machine. */
export const machines = {
  web: 'i-0aa11bb22cc33dd01',
  windows: 'i-0aa11bb22cc33dd05',
  untagged: 'i-0aa11bb22cc33dd06',
  offline: 'i-0aa11bb22cc33dd07',
  stopped: 'i-0aa11bb22cc33dd08',
  /** Its agent never ends a command, whatever SSM asks. */
  hanging: 'i-0aa11bb22cc33de01',
  /** Its agent goes silent with its first command. */
  dying: 'i-0aa11bb22cc33de02',
  unreachable: 'i-0aa11bb22cc33de04',
  accessDenied: 'i-0aa11bb22cc33de05',
} as const;

function like(id: string, changes: Partial<FleetInstance>): FleetInstance {
  const model = demo.instances.find((instance) => instance.id === id);
  if (model === undefined) throw new Error(`the demo fleet has no ${id}`);
  return { ...model, ...changes };
}

/** The demo fleet's machines without its Auto Scaling groups, and machines that misbehave. */
export const testFleet: Fleet = {
  ...demo,
  launchTemplates: {},
  autoScalingGroups: [],
  parameters: {},
  instances: [
    ...demo.instances,
    like(machines.web, { name: 'hanging', id: machines.hanging, agent: 'hangs' }),
    like(machines.web, { name: 'dying', id: machines.dying, agent: 'dies-at-command' }),
    like(machines.web, { name: 'unreachable', id: machines.unreachable, agent: 'unreachable' }),
    like(machines.web, { name: 'access-denied', id: machines.accessDenied, agent: 'access-denied' }),
  ],
};
