import { machines } from '../support/fleet.ts';
import { sweep, work } from './sweep.ts';

await sweep({
  name: 'a command that succeeds',
  request: (marks) => ({ instanceId: machines.web, commands: work(marks), timeoutSeconds: 900 }),
});
