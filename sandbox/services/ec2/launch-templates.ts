import type { RequestLaunchTemplateData, ResponseLaunchTemplateData } from '@aws-sdk/client-ec2';
import { AwsError } from '../../core/aws-error.ts';
import type { World } from '../../core/world.ts';

/** What launch templates need of Parameter Store. @throws AwsError ParameterNotFound, ParameterVersionNotFound */
export type ParameterOf = (reference: string) => { readonly value: string; readonly dataType: string };

export interface TemplateVersion {
  readonly number: number;
  readonly description: string | undefined;
  readonly data: ResponseLaunchTemplateData;
  readonly createTime: number;
  readonly createdBy: string;
}

export interface LaunchTemplate {
  readonly id: string;
  readonly name: string;
  readonly createTime: number;
  readonly createdBy: string;
  readonly tags: Map<string, string>;
  /** In the order of their numbers; a deleted one is gone, and its number is not used again. */
  readonly versions: Map<number, TemplateVersion>;
  defaultVersion: number;
  lastNumber: number;
}

/** How requests name a launch template, and a version of it: a number, `$Latest`, or `$Default`, which it is unless told. */
export interface TemplateSpecification {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
  readonly Version?: string | undefined;
}

export interface ResolvedTemplate {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** With an AMI id where the template says `resolve:ssm:…`. */
  readonly data: ResponseLaunchTemplateData;
}

export interface NewTemplate {
  readonly name: string;
  readonly data: RequestLaunchTemplateData | ResponseLaunchTemplateData;
  readonly description?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly createdBy: string;
}

type NewVersion = Omit<NewTemplate, 'name' | 'tags'>;

const SSM = 'resolve:ssm:';

/** The launch templates of the account with their versions ("Amazon EC2 launch templates", EC2 User Guide). */
export class LaunchTemplates {
  readonly all = new Map<string, LaunchTemplate>();
  readonly #byName = new Map<string, LaunchTemplate>();
  readonly #world: World;
  readonly #parameterOf: ParameterOf | undefined;

  constructor(world: World, parameterOf: ParameterOf | undefined) {
    this.#world = world;
    this.#parameterOf = parameterOf;
  }

  /** @throws AwsError InvalidLaunchTemplateName.AlreadyExistsException */
  create({ name, tags = {}, ...version }: NewTemplate): LaunchTemplate {
    if (this.#byName.has(name))
      throw new AwsError('InvalidLaunchTemplateName.AlreadyExistsException', 'Launch template name already in use.');
    const { random, clock } = this.#world;
    const template: LaunchTemplate = {
      id: `lt-${random.hex(17)}`,
      name,
      createTime: clock.now(),
      createdBy: version.createdBy,
      tags: new Map(Object.entries(tags)),
      versions: new Map(),
      defaultVersion: 1,
      lastNumber: 0,
    };
    this.addVersion(template, version);
    this.all.set(template.id, template);
    this.#byName.set(name, template);
    return template;
  }

  addVersion(template: LaunchTemplate, { data, description, createdBy }: NewVersion): TemplateVersion {
    template.lastNumber += 1;
    const number = template.lastNumber;
    const createTime = this.#world.clock.now();
    const version = { number, description, createTime, createdBy, data };
    template.versions.set(number, version);
    return version;
  }

  remove({ id, name }: LaunchTemplate): void {
    this.all.delete(id);
    this.#byName.delete(name);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /**
   * @throws AwsError MissingParameter, InvalidParameterCombination, InvalidLaunchTemplateId.Malformed,
   * InvalidLaunchTemplateId.NotFound, InvalidLaunchTemplateName.NotFoundException
   */
  find({ LaunchTemplateId: id, LaunchTemplateName: name }: TemplateSpecification): LaunchTemplate {
    if (id !== undefined && name !== undefined)
      throw new AwsError(
        'InvalidParameterCombination',
        'Either the launch template ID or the launch template name must be specified, but not both.',
      );
    if (id !== undefined) return this.#byId(id);
    if (name === undefined)
      throw new AwsError(
        'MissingParameter',
        'Either the launch template ID or the launch template name must be specified.',
      );
    const found = this.#byName.get(name);
    if (found === undefined)
      throw new AwsError(
        'InvalidLaunchTemplateName.NotFoundException',
        `The specified launch template, with template name ${name}, does not exist.`,
      );
    return found;
  }

  #byId(id: string): LaunchTemplate {
    if (!/^lt-[0-9a-f]{17}$/.test(id))
      throw new AwsError('InvalidLaunchTemplateId.Malformed', `Invalid id: "${id}" (expecting "lt-...")`);
    const found = this.all.get(id);
    if (found === undefined)
      throw new AwsError(
        'InvalidLaunchTemplateId.NotFound',
        `The specified launch template, with template ID ${id}, does not exist.`,
      );
    return found;
  }

  /** @throws AwsError InvalidLaunchTemplateId.VersionNotFound, InvalidParameterValue */
  version(template: LaunchTemplate, version = '$Default'): TemplateVersion {
    if (!/^(?:\$Latest|\$Default|\d+)$/.test(version))
      throw new AwsError(
        'InvalidParameterValue',
        `Invalid launch template version: ${version}. Specify a version number, $Latest or $Default.`,
      );
    const numbers = { $Latest: Math.max(...template.versions.keys()), $Default: template.defaultVersion };
    const number = version === '$Latest' || version === '$Default' ? numbers[version] : Number(version);
    const found = template.versions.get(number);
    if (found === undefined)
      throw new AwsError(
        'InvalidLaunchTemplateId.VersionNotFound',
        `Could not find the specified version ${version} for the launch template with ID ${template.id}.`,
      );
    return found;
  }

  /**
   * The version that a specification means now, and the AMI that a launch from it takes.
   * @throws AwsError as `find` and `version` do; SsmInvalidParameter for a `resolve:ssm:` image that leads nowhere
   */
  resolve(specification: TemplateSpecification): ResolvedTemplate {
    const template = this.find(specification);
    const { number, data } = this.version(template, specification.Version);
    const ImageId = data.ImageId === undefined ? undefined : this.imageId(data.ImageId);
    return { id: template.id, name: template.name, version: number, data: { ...data, ImageId } };
  }

  /** A version as it is described: with the AMI that a parameter holds now, where the request wants it resolved. */
  shown(version: TemplateVersion, resolved = false): TemplateVersion {
    const { ImageId: imageId } = version.data;
    if (!resolved || imageId === undefined) return version;
    return { ...version, data: { ...version.data, ImageId: this.imageId(imageId) } };
  }

  /**
   * The AMI id that an ImageId means: itself, or what `resolve:ssm:NAME` (with `:VERSION` or not) holds now ("Use a Systems
   * Manager parameter instead of an AMI ID", EC2 User Guide). @throws AwsError SsmInvalidParameter
   */
  imageId(imageId: string): string {
    if (!imageId.startsWith(SSM)) return imageId;
    const { value, dataType } = this.#parameter(imageId.slice(SSM.length));
    if (dataType !== 'aws:ec2:image')
      throw new AwsError(
        'SsmInvalidParameter',
        'Unsupported data type. The following parameter data types are supported: aws:ec2:image',
      );
    return value;
  }

  #parameter(reference: string): ReturnType<ParameterOf> {
    if (this.#parameterOf === undefined) throw new Error('there is no Parameter Store to resolve images with');
    try {
      return this.#parameterOf(reference);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new AwsError('SsmInvalidParameter', `The parameter ${reference} does not exist.`);
    }
  }
}
