import { machines } from '../support/fleet.ts';
import { sweep, work } from './sweep.ts';

await sweep({
  name: 'a run that takes a lock over',
  prepare: (lab) => lab.leaveLock(`instance/${machines.web}`),
  request: (marks) => ({ instanceId: machines.web, commands: work(marks), timeoutSeconds: 900 }),
});
