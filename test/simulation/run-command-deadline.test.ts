import { machines } from '../support/fleet.ts';
import { sweep, endlessWork } from './sweep.ts';

await sweep({
  name: 'a command past its deadline',
  request: (marks) => ({ instanceId: machines.web, commands: endlessWork(marks), timeoutSeconds: 60 }),
});
