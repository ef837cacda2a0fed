import { amis } from '../support/groups.ts';
import { refreshing } from './refresh-asg.ts';
import { sweep } from './sweep.ts';

await sweep(refreshing('a group that is refreshed', { imageId: amis.good }));
