import type { Target } from '@aws-sdk/client-ssm';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { constraint, longest } from '../../core/constraints.ts';
import type { Ec2Store, Instance } from '../ec2/index.ts';
import { managedInstances } from './managed.ts';

const MOST_TARGETS = 5;
const MOST_VALUES = 50;
const KEY = /^[\p{L}\p{Z}\p{N}_.:/=\-@]{1,163}$/u;

/** Checks the Targets of a request (API reference, Target). Throws ValidationException; NotImplemented for resource groups. */
export function checkTargets(targets: readonly Target[]): void {
  longest(targets, 'targets', MOST_TARGETS);
  targets.forEach(({ Key: key = '', Values: values = [] }, index) => {
    const at = `targets.${index + 1}.member`;
    if (!KEY.test(key))
      throw constraint(
        key,
        `${at}.key`,
        'Member must satisfy regular expression pattern: ^[\\p{L}\\p{Z}\\p{N}_.:/=\\-@]*$|resource-groups:ResourceTypeFilters|resource-groups:Name',
      );
    longest(values, `${at}.values`, MOST_VALUES);
    if (values.length === 0) throw new AwsError('ValidationException', `The target ${key} must have a value.`);
  });
}

/** Written `instanceids` in the guide and `InstanceIds` in the API reference. */
const namesInstances = (key: string): boolean => /^instanceids$/i.test(key);

/** Whether a target means every managed node: `InstanceIds` with `*`, which the guides document for associations alone. */
export const meansAll = ({ Key: key = '', Values: values = [] }: Target): boolean =>
  namesInstances(key) && values.includes('*');

/** Whether an instance passes a target; any of its values will do. Throws NotImplemented for resource groups. */
export function tester({ Key: key = '', Values: list = [] }: Target): (instance: Instance) => boolean {
  const values = new Set(list);
  if (namesInstances(key)) return ({ instanceId }) => values.has(instanceId) || values.has('*');
  if (key === 'tag-key') return ({ tags }) => list.some((value) => tags.has(value));
  if (!key.startsWith('tag:')) throw notImplemented(`the target key '${key}'`);
  const name = key.slice(4);
  return ({ tags }) => {
    const value = tags.get(name);
    return value !== undefined && values.has(value);
  };
}

/**
 * The registered, running instances that pass every target: `tag:KEY`, `tag-key`, `InstanceIds` (with `*` for all of them,
 * which associations allow and commands do not). In the order of EC2.
 */
export function targetedInstances(ec2: Ec2Store, targets: readonly Target[]): readonly Instance[] {
  const tests = targets.map(tester);
  return managedInstances(ec2).filter(
    (instance) => instance.state === 'running' && tests.every((test) => test(instance)),
  );
}
