import { AwsError } from '../../core/aws-error.ts';
import type { Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import type { LaunchTemplates, TemplateSpecification } from './launch-templates.ts';
import { requestTags, resourceTags } from './tags.ts';

/** What IAM is asked for launch templates: the action on the template, with its tags ("IAM permissions required for Amazon EC2 launch templates", EC2 User Guide). */
export class TemplatePermissions {
  readonly #templates: LaunchTemplates;
  readonly #prefix: string;

  constructor({ account, region }: World, templates: LaunchTemplates) {
    this.#templates = templates;
    this.#prefix = `arn:aws:ec2:${region}:${account}:launch-template`;
  }

  /** On one that there is; on all where the request names none. */
  on(action: string, specification: TemplateSpecification): Permission[] {
    try {
      const { id, tags } = this.#templates.find(specification);
      return [{ action: `ec2:${action}`, resource: `${this.#prefix}/${id}`, context: resourceTags(tags) }];
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return [{ action: `ec2:${action}`, resource: `${this.#prefix}/*` }];
    }
  }

  /** On one that is to be made, and its tags. */
  create(tags: Readonly<Record<string, string>>): Permission[] {
    const resource = `${this.#prefix}/*`;
    const context = requestTags(tags);
    const create: Permission = { action: 'ec2:CreateLaunchTemplate', resource, context };
    if (Object.keys(tags).length === 0) return [create];
    const tag = { ...context, 'ec2:CreateAction': 'CreateLaunchTemplate' };
    return [create, { action: 'ec2:CreateTags', resource, context: tag }];
  }
}
