import type { World } from '../../core/world.ts';
import type { Groups } from './groups.ts';
import type { Machines } from './machines.ts';
import type { GroupPermissions } from './permissions.ts';
import type { RefreshStatus } from './refresh-status.ts';
import type { Refreshes } from './refreshes.ts';
import type { Scaling } from './scaling.ts';
import type { Supervisor } from './supervisor.ts';

/** What the operations of the service share. */
export interface Parts {
  readonly world: World;
  readonly groups: Groups;
  readonly machines: Machines;
  readonly permissions: GroupPermissions;
  readonly scaling: Scaling;
  readonly supervisor: Supervisor;
  readonly status: RefreshStatus;
  readonly refreshes: Refreshes;
}
