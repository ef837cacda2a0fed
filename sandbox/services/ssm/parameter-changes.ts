import type * as ssm from '@aws-sdk/client-ssm';
import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { longest } from '../../core/constraints.ts';
import { type Call, type Operation, operation, type Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { IMAGE, type Put } from './parameter-model.ts';
import type { ParameterStore } from './parameter-store.ts';
import { parameterPermission } from './parameters.ts';

export interface ParameterSurroundings {
  readonly world: Pick<World, 'dispatcher'>;
  readonly store: ParameterStore;
  /** Whether EC2 would describe an image of that id to the account. */
  readonly hasImage: (imageId: string) => boolean;
}

const requestTags = (tags: readonly ssm.Tag[]): Permission['context'] =>
  tags.length === 0
    ? {}
    : {
        'aws:TagKeys': tags.map(({ Key: key = '' }) => key),
        ...Object.fromEntries(tags.map(({ Key: key = '', Value: value = '' }) => [`aws:RequestTag/${key}`, value])),
      };

/** The operations that change parameters. Source: AWS Systems Manager API Reference. */
export function parameterChanges(surroundings: ParameterSurroundings): Readonly<Record<string, Operation>> {
  const { store } = surroundings;
  return {
    PutParameter: operation<ssm.PutParameterCommandInput, ssm.PutParameterCommandOutput>(
      ({ Name: name, Overwrite: overwrite = false, Tags: tags = [] }) => {
        const context = { 'ssm:Overwrite': String(overwrite), ...requestTags(tags) };
        const put = parameterPermission(store, 'PutParameter', name, context);
        return tags.length === 0 ? [put] : [put, { ...put, action: 'ssm:AddTagsToResource' }];
      },
      (input, call) => putParameter(surroundings, input, call),
    ),
    DeleteParameter: operation<ssm.DeleteParameterCommandInput, ssm.DeleteParameterCommandOutput>(
      ({ Name: name }) => [parameterPermission(store, 'DeleteParameter', name)],
      ({ Name: name = '' }) => {
        store.delete(name);
        return {};
      },
    ),
    DeleteParameters: operation<ssm.DeleteParametersCommandInput, ssm.DeleteParametersCommandOutput>(
      ({ Names: names = [] }) => names.map((name) => parameterPermission(store, 'DeleteParameters', name)),
      ({ Names: names = [] }) => {
        longest(names, 'names', 10);
        const deleted = names.filter((name) => store.names.includes(name));
        for (const name of deleted) store.delete(name);
        return { DeletedParameters: deleted, InvalidParameters: names.filter((name) => !deleted.includes(name)) };
      },
    ),
    ...tagging(store),
  };
}

function putParameter(
  { world, store, hasImage }: ParameterSurroundings,
  input: ssm.PutParameterCommandInput,
  call: Call,
) {
  const { KeyId, Policies, Tags: tags = [], ...given } = input;
  for (const [member, value] of Object.entries({ KeyId, Policies }))
    if (value) throw notImplemented(`${member} of ssm:PutParameter`);
  if (tags.length > 0 && given.Overwrite === true)
    throw new AwsError(
      'ValidationException',
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  const put: Put = {
    name: given.Name ?? '',
    value: given.Value ?? '',
    type: given.Type,
    description: given.Description,
    dataType: given.DataType,
    tier: given.Tier,
    allowedPattern: given.AllowedPattern,
    overwrite: given.Overwrite,
  };
  const labelled = new Map(tags.map(({ Key: key = '', Value: value = '' }) => [key, value]));
  const describes = { action: 'ec2:DescribeImages', resource: '*' };
  const version =
    store.dataTypeOf(put) === IMAGE
      ? store.submit(put, {
          by: call.caller.arn,
          tags: labelled,
          // As the caller: who may not describe images gets no parameter, and is not told so by PutParameter.
          isImage: async () => hasImage(put.value) && (await world.dispatcher.allows(call, describes)),
        })
      : store.put(put, call.caller.arn, labelled);
  return { Version: version.version, Tier: version.tier };
}

function tagging(store: ParameterStore): Readonly<Record<string, Operation>> {
  const parameter = (type: string | undefined, id = ''): string => {
    if (type !== 'Parameter') throw notImplemented(`tags of the resource type ${type ?? ''}`);
    return store.reference(id).name;
  };
  return {
    AddTagsToResource: operation<ssm.AddTagsToResourceCommandInput, ssm.AddTagsToResourceCommandOutput>(
      ({ ResourceId: id, Tags: tags = [] }) => [parameterPermission(store, 'AddTagsToResource', id, requestTags(tags))],
      ({ ResourceType: type, ResourceId: id, Tags: tags = [] }) => {
        const present = store.tags(parameter(type, id));
        for (const { Key: key = '', Value: value = '' } of tags) present.set(key, value);
        return {};
      },
    ),
    RemoveTagsFromResource: operation<ssm.RemoveTagsFromResourceCommandInput, ssm.RemoveTagsFromResourceCommandOutput>(
      ({ ResourceId: id, TagKeys: keys = [] }) => [
        parameterPermission(store, 'RemoveTagsFromResource', id, { 'aws:TagKeys': keys }),
      ],
      ({ ResourceType: type, ResourceId: id, TagKeys: keys = [] }) => {
        const present = store.tags(parameter(type, id));
        for (const key of keys) present.delete(key);
        return {};
      },
    ),
    ListTagsForResource: operation<ssm.ListTagsForResourceCommandInput, ssm.ListTagsForResourceCommandOutput>(
      ({ ResourceId: id }) => [parameterPermission(store, 'ListTagsForResource', id)],
      ({ ResourceType: type, ResourceId: id }) => ({
        TagList: [...store.tags(parameter(type, id))].map(([Key, Value]) => ({ Key, Value })),
      }),
    ),
  };
}
