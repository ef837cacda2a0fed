import { expect, it } from '@jest/globals';
import { isRenewed } from '../../../cli/demo/groups.ts';

it.each([
  ['all machines in service on the AMI', { desired: 2, members: 2, renewed: 2 }, true],
  ['an old machine beside them', { desired: 2, members: 3, renewed: 2 }, false],
  ['one machine too few', { desired: 2, members: 1, renewed: 1 }, false],
  ['one machine on another AMI', { desired: 2, members: 2, renewed: 1 }, false],
])('a group with %s', (_what, group, renewed) => expect(isRenewed({ name: 'web', ...group })).toBe(renewed));
