import type * as ssm from '@aws-sdk/client-ssm';
import type { Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { type Ec2Store, tagContext } from '../ec2/index.ts';
import type { Associations } from './associations-store.ts';
import { documentName, referencedParameters } from './documents.ts';
import type { ParameterStore } from './parameter-store.ts';

/** Documents of Amazon's belong to no account. */
export function documentArn({ account, region }: World, nameOrArn: string): string {
  const name = documentName(nameOrArn);
  return `arn:aws:ssm:${region}:${name.startsWith('AWS-') ? '' : account}:document/${name}`;
}

interface Surroundings {
  readonly world: World;
  readonly ec2: Ec2Store;
  readonly parameters: ParameterStore;
  readonly associations: Associations;
}

type Created = Pick<ssm.CreateAssociationRequest, 'Name' | 'Targets' | 'Parameters' | 'Tags'>;

/** What IAM must allow for the operations on associations (Service Authorization Reference, AWS Systems Manager). */
export class AssociationPermissions {
  readonly #on: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#on = surroundings;
  }

  /** On associations by id, with their tags; without an id on any, and then the request is refused. */
  on(action: string, ids: readonly (string | undefined)[]): Permission[] {
    const { associations } = this.#on;
    return ids.map((id = '*') => ({
      action: `ssm:${action}`,
      resource: associations.arn(id),
      context: tagContext(associations.tagsOf(id), 'aws:ResourceTag'),
    }));
  }

  /** On an association that has no id yet, its document, the instances that are named, and the parameters referred to. */
  toCreate({ Tags: tags = [], ...input }: Created): Permission[] {
    const action = 'ssm:CreateAssociation';
    const context = {
      ...Object.fromEntries(tags.map(({ Key: key = '', Value: value = '' }) => [`aws:RequestTag/${key}`, value])),
      ...(tags.length > 0 && { 'aws:TagKeys': tags.map(({ Key: key = '' }) => key) }),
    };
    return [{ action, resource: this.#on.associations.arn('*'), context }, ...this.uses(action, input)];
  }

  /** On what an association uses. */
  uses(
    action: string,
    { Name: name, Targets: targets = [], Parameters: parameters = {} }: Partial<Created>,
  ): Permission[] {
    const { world, ec2, parameters: store } = this.#on;
    const named = targets.flatMap(({ Key: key = '', Values: values = [] }) =>
      /^instanceids$/i.test(key) ? values : [],
    );
    return [
      ...(name === undefined ? [] : [{ action, resource: documentArn(world, name) }]),
      ...named
        .filter((id) => id !== '*')
        .map((id) => ({
          action,
          resource: `arn:aws:ec2:${world.region}:${world.account}:instance/${id}`,
          context: tagContext(ec2.instances.get(id)?.tags ?? new Map(), 'aws:ResourceTag'),
        })),
      ...referencedParameters(parameters).map((parameter) => ({
        action: 'ssm:GetParameters',
        resource: store.arn(parameter),
      })),
    ];
  }
}
