import { AwsError } from '../../core/aws-error.ts';
import { checkName } from './errors.ts';
import type { Machine, MachineAlias, MachineVersion } from './machine.ts';
import type { Store } from './store.ts';

/** Keeps the machine as it stands under a number; the same revision is published once. Source: PublishStateMachineVersion. */
export function publishVersion(store: Store, machine: Machine, description: string | undefined): MachineVersion {
  const last = machine.versions.at(-1);
  if (last?.revision === machine.revision) return last;
  const number = (last?.number ?? 0) + 1;
  const version = {
    arn: `${machine.arn}:${number}`,
    number,
    description,
    creationDate: store.world.clock.date(),
    revision: machine.revision,
  };
  machine.versions.push(version);
  return version;
}

/** Names a version. Source: CreateStateMachineAlias. */
export function createAlias(
  store: Store,
  name: string,
  versionArn: string,
  description: string | undefined,
): MachineAlias {
  checkName(name);
  const { machine } = store.resolve(versionArn);
  const arn = `${machine.arn}:${name}`;
  if (store.aliases.has(arn)) throw new AwsError('ConflictException', `State Machine Alias Already Exists: '${arn}'`);
  const alias = { arn, name, description, creationDate: store.world.clock.date(), versionArn };
  store.aliases.set(arn, alias);
  return alias;
}
