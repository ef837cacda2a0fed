import { rolling } from './ami-rollout.ts';
import { sweep } from './sweep.ts';

await sweep(rolling('a rollout that completes', { canary: 2 }));
