import type { StateValue } from '@aws-sdk/client-cloudwatch';
import type { Provisioners } from '../../core/resources.ts';
import type { Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { Alarms } from './alarms.ts';
import { alarmOperations } from './operations.ts';
import { alarmResources } from './resources.ts';

export type { Alarms } from './alarms.ts';

export interface CloudWatch {
  readonly service: Service;
  readonly resources: Provisioners;
  readonly alarms: Alarms;
  /** The state of an alarm by name, for services that heed alarms; undefined where there is none of the name. */
  readonly alarmState: (name: string) => StateValue | undefined;
}

/** Amazon CloudWatch (version 2010-08-01): alarms, whose state is set and never measured. No metrics, no dashboards. */
export function createCloudWatch(world: World): CloudWatch {
  const alarms = new Alarms(world);
  return {
    service: { id: 'cloudwatch', operations: alarmOperations(alarms) },
    resources: alarmResources(alarms),
    alarms,
    alarmState: (name) => alarms.find(name)?.state.value,
  };
}
