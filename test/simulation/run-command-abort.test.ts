import { machines } from '../support/fleet.ts';
import { sweep, endlessWork } from './sweep.ts';

await sweep({
  name: 'a run that is stopped',
  request: (marks) => ({ instanceId: machines.web, commands: endlessWork(marks) }),
  stopAfter: 30,
});
