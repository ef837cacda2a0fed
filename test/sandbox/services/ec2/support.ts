import { parseFleet } from '../../../../sandbox/fleets/index.ts';
import { fleetWorld, type FleetOptions } from '../../fleets/demo.ts';

export const AMI = 'ami-0a1b2c3d4e5f60718';

const image = { id: AMI, platform: 'Linux', platformName: 'Amazon Linux', platformVersion: '2023' };

/** EC2 and SSM with AMIs and nothing that runs on them; `a` is one that works. */
export function imageWorld(images: Record<string, object> = {}, options: Omit<FleetOptions, 'fleet'> = {}) {
  const all = Object.fromEntries(
    Object.entries(images).map(([name, change]) => [name, { ...image, ...change }] as const),
  );
  return fleetWorld({ ...options, fleet: parseFleet({ images: { a: image, ...all }, instances: [] }, 'test') });
}

/** An AMI id for each number. */
export const amiId = (number: number): string => `ami-${number.toString(16).padStart(17, '0')}`;
