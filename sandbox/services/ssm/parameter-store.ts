import { AwsError } from '../../core/aws-error.ts';
import type { World } from '../../core/world.ts';
import { invalid } from './documents.ts';
import { checkName, checkPut } from './parameter-checks.ts';
import { type ParameterChange, parameterChanged } from './parameter-events.ts';
import { isReserved, nextVersion, type ParameterVersion, type Put } from './parameter-model.ts';

interface Parameter {
  readonly versions: readonly ParameterVersion[];
  readonly tags: Map<string, string>;
}

type Tags = ReadonlyMap<string, string>;

/** An AMI id on its way to become a version. */
interface Submission {
  readonly by: string;
  readonly tags: Tags;
  readonly isImage: () => Promise<boolean>;
}

const NO_TAGS: Tags = new Map();
const MOST_VERSIONS = 100;
/** How long the validation of an AMI id takes, milliseconds; AWS says up to a few minutes. */
const VALIDATION = { shortest: 2000, longest: 8000 };

/** Parameter Store: every version of every parameter, and the events of their changes. */
export class ParameterStore {
  readonly #world: World;
  readonly #parameters = new Map<string, Parameter>();
  /** What ends the validations under way, by name. */
  readonly #validations = new Map<string, () => void>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Public parameters belong to no account. */
  arn(name: string): string {
    const account = isReserved(name) ? '' : this.#world.account;
    return `arn:aws:ssm:${this.#world.region}:${account}:parameter/${name.replace(/^\//, '')}`;
  }

  /** The account's own, sorted. */
  get names(): readonly string[] {
    return this.#names((name) => !isReserved(name));
  }

  /** Those under a path, public ones too, sorted. */
  below(path: string, recursive: boolean): readonly string[] {
    const prefix = `${path.replace(/\/$/, '')}/`;
    return this.#names((name) => name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes('/')));
  }

  versions(name: string): readonly ParameterVersion[] {
    return this.#get(name).versions;
  }

  /** @throws AwsError InvalidResourceId */
  tags(name: string): Map<string, string> {
    const found = this.#parameters.get(name);
    if (found === undefined || isReserved(name)) throw new AwsError('InvalidResourceId', '');
    return found.tags;
  }

  /** The tags of a parameter that may be missing, for permissions. */
  tagsForPermission(name: string): Tags {
    return this.#parameters.get(name)?.tags ?? NO_TAGS;
  }

  /** Splits what a caller names a parameter by: `NAME`, `NAME:VERSION`, or its ARN in front of either. */
  reference(text: string): { readonly name: string; readonly version?: string } {
    const plain = text.replace(/^arn:[^/]*:parameter\//, '/');
    const [, name = plain, version] = /^([^:]+):(.+)$/.exec(plain) ?? [];
    const bare = name.slice(1); // an ARN does not tell whether the name begins with a slash
    const known = plain !== text && !this.#parameters.has(name) && this.#parameters.has(bare) ? bare : name;
    return { name: known, ...(version !== undefined && { version }) };
  }

  /** Throws ParameterNotFound, ParameterVersionNotFound. */
  find(reference: string): { readonly name: string; readonly found: ParameterVersion } {
    const { name, version } = this.reference(reference);
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

  /**
   * The value of the newest version, or of one that is named, as launch templates resolve `resolve:ssm:NAME:VERSION`.
   * @throws AwsError ParameterNotFound, ParameterVersionNotFound
   */
  value(name: string, version?: number | string): string {
    return this.find(version === undefined ? name : `${name}:${version}`).found.value;
  }

  /** The value that `{{ssm:NAME}}` in a command stands for; a SecureString is refused there. */
  valueForCommand(name: string): string {
    if (!this.#parameters.has(name)) throw invalid(`Parameters: [${name}] do not exist in Parameter Store.`);
    const { found } = this.find(name);
    if (found.type === 'SecureString')
      throw invalid(`Parameter ${name} is a SecureString, which commands cannot refer to.`);
    return found.value;
  }

  /** The data type that a parameter has, or would get by a put that names none. */
  dataTypeOf({ name, dataType }: Pick<Put, 'name' | 'dataType'>): string {
    return dataType ?? this.#last(name)?.dataType ?? 'text';
  }

  /** Makes a version at once, and tells of it; a new parameter gets the tags. */
  put(put: Put, by: string, tags: Tags = NO_TAGS): ParameterVersion {
    const last = this.#check(put);
    const version = nextVersion(put, last, this.#world.clock.now(), by);
    this.#add(put.name, version, tags);
    this.#tell({ name: put.name, version, operation: operationAfter(last) });
    return version;
  }

  /** Puts what the account holds from the start, of which nobody is told; a public parameter where the name is AWS's. */
  place(put: Put): void {
    if (!isReserved(put.name)) checkName(put.name);
    const last = this.#last(put.name);
    checkPut({ ...put, overwrite: true }, last);
    this.#add(put.name, nextVersion(put, last, this.#world.clock.now(), isReserved(put.name) ? 'AWS' : 'fleet file'));
  }

  /**
   * Takes an AMI id, to be validated later: the version that comes back is there only when that went well, and only then
   * or when it failed an event tells. Source: Systems Manager User Guide, "How AMI format validation works".
   * @throws AwsError TooManyUpdates while the one before is being validated
   */
  submit(put: Put, { by, tags, isImage }: Submission): ParameterVersion {
    const { clock, random } = this.#world;
    const { name } = put;
    if (this.#validations.has(name))
      throw new AwsError('TooManyUpdates', `The validation of parameter ${name} is still in process.`);
    const last = this.#check(put);
    const at = clock.now() + VALIDATION.shortest + random.below(VALIDATION.longest - VALIDATION.shortest);
    const version = nextVersion(put, last, at, by);
    const told = { name, version, operation: operationAfter(last) };
    const cancel = clock.schedule(at, async () => {
      const valid = await isImage();
      if (!this.#validations.delete(name)) return; // deleted meanwhile
      if (valid) this.#add(name, version, tags);
      this.#tell(valid ? told : { ...told, exception: 'Unable to Describe Resource' });
    });
    this.#validations.set(name, cancel);
    return version;
  }

  /** @throws AwsError ParameterNotFound */
  delete(name: string): void {
    checkName(name);
    const last = this.versions(name).at(-1);
    this.#validations.get(name)?.();
    this.#validations.delete(name);
    this.#parameters.delete(name);
    if (last !== undefined) this.#tell({ name, version: last, operation: 'Delete' });
  }

  #names(wanted: (name: string) => boolean): string[] {
    return [...this.#parameters.keys()].filter(wanted).sort();
  }

  #get(name: string): Parameter {
    const found = this.#parameters.get(name);
    if (found === undefined) throw new AwsError('ParameterNotFound', '');
    return found;
  }

  #last(name: string): ParameterVersion | undefined {
    return this.#parameters.get(name)?.versions.at(-1);
  }

  #check(put: Put): ParameterVersion | undefined {
    checkName(put.name);
    const last = this.#last(put.name);
    checkPut(put, last);
    return last;
  }

  #add(name: string, version: ParameterVersion, tags: Tags = NO_TAGS): void {
    const before = this.#parameters.get(name);
    const versions = [...(before?.versions ?? []), version].slice(-MOST_VERSIONS);
    this.#parameters.set(name, { versions, tags: before?.tags ?? new Map(tags) });
  }

  #tell(change: Omit<ParameterChange, 'arn'>): void {
    parameterChanged(this.#world, { ...change, arn: this.arn(change.name) });
  }
}

const operationAfter = (last: ParameterVersion | undefined): 'Create' | 'Update' =>
  last === undefined ? 'Create' : 'Update';
