import type * as ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../core/aws-error.ts';
import { only } from '../../core/only.ts';
import { type Operation, operation, type Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { INSTANCE_ID } from './describe.ts';
import { refuseDryRun } from './dry-run.ts';
import { byId } from './queries.ts';
import { stateOf } from './shapes.ts';
import type { Ec2Store } from './store.ts';
import { checkedTag, requestTags, resourceTags } from './tags.ts';
import type { Instance, StateName } from './types.ts';

const MOST_TAGS = 50;

/** Nothing of Force, Hibernate and the like is modelled; false is the default of each. */
function onlyIds(what: string, input: object): void {
  const set = Object.entries(input).filter(([, value]) => value !== false);
  only(what, Object.fromEntries(set), ['InstanceIds', 'DryRun']);
}

/** The operations that change instances and tags; each needs its action on the ARN of every resource it names. */
export function changeOperations(world: World, store: Ec2Store): Readonly<Record<string, Operation>> {
  const { account, region } = world;
  const kinds = {
    'i-': ['instance', store.instances],
    'vol-': ['volume', store.volumes],
    'ami-': ['image', store.images],
    'lt-': ['launch-template', store.templates.all],
  } as const;

  const resource = (id: string) => {
    const kind = Object.entries(kinds).find(([prefix]) => id.startsWith(prefix));
    const [type, things] = kind?.[1] ?? [];
    return { type: type ?? 'unknown', thing: things?.get(id) };
  };
  const permission = (action: string, id: string, context: Permission['context'] = {}): Permission => {
    const { type, thing } = resource(id);
    const owner = type === 'image' ? '' : account;
    return {
      action: `ec2:${action}`,
      resource: `arn:aws:ec2:${region}:${owner}:${type}/${id}`,
      context: { ...resourceTags(thing?.tags ?? new Map()), ...context },
    };
  };
  const onInstances = (action: string) => (input: { InstanceIds?: string[] | undefined }) =>
    (input.InstanceIds ?? []).map((id) => permission(action, id));
  const instances = (ids: readonly string[] | undefined): Instance[] => {
    if (ids === undefined || ids.length === 0)
      throw new AwsError('MissingParameter', 'The request must contain the parameter InstanceId');
    return byId(store.instances, ids, INSTANCE_ID);
  };
  const tagged = (ids: readonly string[] | undefined) =>
    (ids ?? []).map((id) => {
      const { thing } = resource(id);
      if (thing !== undefined) return thing;
      if (id.startsWith('i-')) return byId(store.instances, [id], INSTANCE_ID)[0] ?? invalidId(id);
      return invalidId(id);
    });

  return {
    StartInstances: operation<ec2.StartInstancesCommandInput, ec2.StartInstancesCommandOutput>(
      onInstances('StartInstances'),
      (input) => {
        onlyIds('ec2:StartInstances', input);
        const found = instances(input.InstanceIds);
        refuseDryRun(input);
        return {
          StartingInstances: change(
            found,
            ['pending', 'running', 'stopped'],
            'started',
            (each) => each.state === 'stopped' && store.start(each),
          ),
        };
      },
    ),
    StopInstances: operation<ec2.StopInstancesCommandInput, ec2.StopInstancesCommandOutput>(
      onInstances('StopInstances'),
      (input) => {
        onlyIds('ec2:StopInstances', input);
        const found = instances(input.InstanceIds);
        refuseDryRun(input);
        return {
          StoppingInstances: change(
            found,
            ['running', 'stopping', 'stopped'],
            'stopped',
            (each) => each.state === 'running' && store.stop(each),
          ),
        };
      },
    ),
    RebootInstances: operation<ec2.RebootInstancesCommandInput, ec2.RebootInstancesCommandOutput>(
      onInstances('RebootInstances'),
      (input) => {
        onlyIds('ec2:RebootInstances', input);
        const found = instances(input.InstanceIds);
        refuseDryRun(input);
        change(found, ['running'], 'rebooted', (each) => store.reboot(each));
        return {};
      },
    ),
    TerminateInstances: operation<ec2.TerminateInstancesCommandInput, ec2.TerminateInstancesCommandOutput>(
      onInstances('TerminateInstances'),
      (input) => {
        onlyIds('ec2:TerminateInstances', input);
        const found = instances(input.InstanceIds);
        const kept = found.find(({ disableApiTermination }) => disableApiTermination);
        if (kept !== undefined)
          throw new AwsError(
            'OperationNotPermitted',
            `The instance '${kept.instanceId}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
          );
        refuseDryRun(input);
        const alive = (each: Instance) => each.state !== 'terminated' && each.state !== 'shutting-down';
        return {
          TerminatingInstances: change(found, undefined, 'terminated', (each) => alive(each) && store.terminate(each)),
        };
      },
    ),
    CreateTags: operation<ec2.CreateTagsCommandInput, ec2.CreateTagsCommandOutput>(
      ({ Resources: ids, Tags: tags }) =>
        (ids ?? []).map((id) =>
          permission(
            'CreateTags',
            id,
            requestTags(Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))),
          ),
        ),
      (input) => {
        const things = tagged(input.Resources);
        const tags = (input.Tags ?? []).map(({ Key: key = '', Value: value = '' }) => checkedTag(key, value));
        refuseDryRun(input);
        for (const thing of things) {
          if (new Set([...thing.tags.keys(), ...tags.map(([key]) => key)]).size > MOST_TAGS) {
            throw new AwsError('TagLimitExceeded', `More than ${MOST_TAGS} tags specified`);
          }
          for (const [key, value] of tags) thing.tags.set(key, value);
        }
        return {};
      },
    ),
    DeleteTags: operation<ec2.DeleteTagsCommandInput, ec2.DeleteTagsCommandOutput>(
      ({ Resources: ids }) => (ids ?? []).map((id) => permission('DeleteTags', id)),
      (input) => {
        const things = tagged(input.Resources);
        for (const { Key: key = '' } of input.Tags ?? []) checkedTag(key, '');
        refuseDryRun(input);
        for (const thing of things) deleteTags(thing.tags, input.Tags);
        return {};
      },
    ),
  };
}

function change(
  instances: readonly Instance[],
  from: readonly StateName[] | undefined,
  participle: string,
  apply: (instance: Instance) => unknown,
): ec2.InstanceStateChange[] {
  const wrong = instances.find(({ state }) => from !== undefined && !from.includes(state));
  if (wrong !== undefined) {
    throw new AwsError(
      'IncorrectInstanceState',
      `The instance '${wrong.instanceId}' is not in a state from which it can be ${participle}.`,
    );
  }
  return instances.map((instance) => {
    const PreviousState = stateOf(instance.state);
    apply(instance);
    return { InstanceId: instance.instanceId, PreviousState, CurrentState: stateOf(instance.state) };
  });
}

function invalidId(id: string): never {
  throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
}

/** DeleteTags: all tags without a list, a key alone whatever its value, or a key with just that value. */
function deleteTags(tags: Map<string, string>, wanted: readonly ec2.Tag[] | undefined): void {
  for (const [key, value] of [...tags]) {
    if (key.startsWith('aws:')) continue;
    const named =
      wanted === undefined || wanted.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value));
    if (named) tags.delete(key);
  }
}
