import { machines } from '../support/fleet.ts';
import { sweep, work } from './sweep.ts';

await sweep({
  name: 'a refusal',
  request: (marks) => ({ instanceId: machines.untagged, commands: work(marks) }),
});
