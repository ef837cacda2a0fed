import { fleetOf, nodeIds } from '../support/fleet-command.ts';
import { expectFleetInvariants } from './invariants.ts';
import { sweep } from './sweep.ts';

await sweep({
  name: 'a fleet command to a canary and the rest, of three machines of which one is excluded',
  runbook: 'FleetCommand',
  fleet: fleetOf(3),
  prepare: async (lab) => {
    const [first = ''] = nodeIds(lab);
    await lab.call('ec2', 'CreateTags', { Resources: [first], Tags: [{ Key: 'fleetwright:exclude', Value: 'true' }] });
  },
  request: (marks) => ({
    targets: { tags: { role: 'node' } },
    commands: [`echo ran >> ${marks}`, 'sleep 2', `cat ${marks}`],
    ...{ maxConcurrency: 2, maxErrors: 1, canary: 1, timeoutSeconds: 60 },
  }),
  few: 1,
  invariants: expectFleetInvariants,
});
