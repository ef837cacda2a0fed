import { AwsError } from '../../core/aws-error.ts';
import type { World } from '../../core/world.ts';
import { invalid } from './documents.ts';

type ParameterType = 'String' | 'StringList' | 'SecureString';

export interface ParameterVersion {
  readonly value: string;
  readonly version: number;
  readonly type: ParameterType;
  readonly description: string;
  readonly dataType: string;
  readonly tier: 'Standard' | 'Advanced';
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  readonly modifiedBy: string;
}

export interface Put {
  readonly name: string;
  readonly value: string;
  readonly type?: ParameterType | undefined;
  readonly description?: string | undefined;
  readonly dataType?: string | undefined;
  readonly tier?: 'Standard' | 'Advanced' | undefined;
  readonly allowedPattern?: string | undefined;
  readonly overwrite?: boolean | undefined;
}

const MOST_VERSIONS = 100;
const SIZES = { Standard: 4096, Advanced: 8192 };

/** Parameter Store: every version of every parameter, and the events of their changes. */
export class ParameterStore {
  readonly #world: World;
  readonly #parameters = new Map<string, ParameterVersion[]>();

  constructor(world: World) {
    this.#world = world;
  }

  arn(name: string): string {
    return `arn:aws:ssm:${this.#world.region}:${this.#world.account}:parameter/${name.replace(/^\//, '')}`;
  }

  get names(): readonly string[] {
    return [...this.#parameters.keys()].sort();
  }

  versions(name: string): readonly ParameterVersion[] {
    const found = this.#parameters.get(name);
    if (found === undefined) throw new AwsError('ParameterNotFound', '');
    return found;
  }

  /** A version by `NAME` or `NAME:VERSION`. Throws ParameterNotFound, ParameterVersionNotFound. */
  find(reference: string): { readonly name: string; readonly found: ParameterVersion } {
    const [, name = reference, version] = /^([^:]+):(.+)$/.exec(reference.replace(/^arn:[^/]*:parameter/, '')) ?? [];
    const versions = this.versions(name);
    const found = version === undefined ? versions.at(-1) : versions.find((each) => String(each.version) === version);
    if (found === undefined) {
      throw new AwsError(
        'ParameterVersionNotFound',
        `Systems Manager could not find version ${version ?? ''} of ${name}. Verify the version and try again.`,
      );
    }
    return { name, found };
  }

  /** The value that `{{ssm:NAME}}` in a command stands for; a SecureString is refused there. */
  valueForCommand(name: string): string {
    if (!this.#parameters.has(name)) throw invalid(`Parameters: [${name}] do not exist in Parameter Store.`);
    const { found } = this.find(name);
    if (found.type === 'SecureString')
      throw invalid(`Parameter ${name} is a SecureString, which commands cannot refer to.`);
    return found.value;
  }

  put(put: Put, by: string): ParameterVersion {
    const before = this.#parameters.get(put.name);
    const last = before?.at(-1);
    if (last !== undefined && put.overwrite !== true) {
      throw new AwsError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    }
    check(put, last);
    const version: ParameterVersion = {
      value: put.value,
      version: (last?.version ?? 0) + 1,
      type: put.type ?? last?.type ?? 'String',
      description: put.description ?? last?.description ?? '',
      dataType: put.dataType ?? last?.dataType ?? 'text',
      tier: put.tier ?? last?.tier ?? 'Standard',
      modifiedAt: this.#world.clock.now(),
      modifiedBy: by,
    };
    this.#parameters.set(put.name, [...(before ?? []), version].slice(-MOST_VERSIONS));
    this.#emit(put.name, version, last === undefined ? 'Create' : 'Update');
    return version;
  }

  delete(name: string): void {
    const last = this.versions(name).at(-1);
    this.#parameters.delete(name);
    if (last !== undefined) this.#emit(name, last, 'Delete');
  }

  /** The event holds neither value nor version, as on AWS. */
  #emit(name: string, { type, description }: ParameterVersion, operation: 'Create' | 'Update' | 'Delete'): void {
    this.#world.emit({
      source: 'aws.ssm',
      'detail-type': 'Parameter Store Change',
      resources: [this.arn(name)],
      detail: { operation, name, type, description },
    });
  }
}

function check({ name, value, type, tier, allowedPattern }: Put, last: ParameterVersion | undefined): void {
  if (!/^\/?[\w.-]+(?:\/[\w.-]+)*$/.test(name)) {
    throw new AwsError(
      'ValidationException',
      `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`,
    );
  }
  if (/^\/?(aws|ssm)/i.test(name))
    throw new AwsError(
      'ValidationException',
      `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`,
    );
  if (type === undefined && last === undefined)
    throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
  if (value === '')
    throw new AwsError(
      'ValidationException',
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  const most = SIZES[tier ?? last?.tier ?? 'Standard'];
  if (Buffer.byteLength(value) > most)
    throw new AwsError('ValidationException', `Parameter value cannot exceed ${most} characters.`);
  if (allowedPattern !== undefined && !new RegExp(allowedPattern).test(value)) {
    throw new AwsError(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
    );
  }
  if (type !== undefined && last !== undefined && type !== last.type) {
    throw new AwsError('HierarchyTypeMismatchException', 'The type of an existing parameter cannot be changed.');
  }
}
