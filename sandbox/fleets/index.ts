export { applyFleet, publishParameters } from './apply.ts';
export { FleetError, loadFleet, parseFleet } from './load.ts';
export type { Fleet, FleetInstance } from './schema.ts';
export type { FleetUser } from './users.ts';
