import type { World } from '../core/world.ts';
import { functionNotFound, invalidParameter, resourceConflict, resourceNotFound } from './errors.ts';
import { parseFunctionName } from './function-name.ts';
import { DEFAULT_EVENT_INVOKE, type EventInvokeConfig, type FunctionProperties } from './properties.ts';

const LATEST = '$LATEST';

/** One version of a function: what runs. */
export interface FunctionVersion {
  readonly name: string;
  /** `$LATEST`, or the number of a published version. */
  readonly version: string;
  readonly description: string;
  readonly properties: FunctionProperties;
  readonly taskRoot: string;
  readonly lastModified: string;
  readonly revisionId: string;
}

export interface Alias {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly revisionId: string;
}

interface LambdaFunction {
  /** `$LATEST` first. */
  readonly versions: FunctionVersion[];
  readonly aliases: Map<string, Alias>;
  /** By qualifier. */
  readonly eventInvoke: Map<string, EventInvokeConfig>;
}

/** What a name and a qualifier lead to. */
export interface Target {
  readonly version: FunctionVersion;
  /** ARN that was invoked, with the qualifier where one was given. */
  readonly arn: string;
  readonly qualifier: string;
}

type RegistryWorld = Pick<World, 'account' | 'region' | 'clock' | 'random'>;

/** The functions of the account with their versions and aliases. */
export class Functions {
  readonly #functions = new Map<string, LambdaFunction>();
  readonly #world: RegistryWorld;

  constructor(world: RegistryWorld) {
    this.#world = world;
  }

  arn(name: string, qualifier?: string): string {
    const arn = `arn:aws:lambda:${this.#world.region}:${this.#world.account}:function:${name}`;
    return qualifier === undefined ? arn : `${arn}:${qualifier}`;
  }

  create(name: string, properties: FunctionProperties, taskRoot: string): FunctionVersion {
    if (this.#functions.has(name)) throw resourceConflict(`Function already exist: ${name}`);
    const { Description: description } = properties;
    const latest = { name, version: LATEST, description, properties, taskRoot, ...this.#stamp() };
    this.#functions.set(name, { versions: [latest], aliases: new Map(), eventInvoke: new Map() });
    return latest;
  }

  publish(functionName: string, description: string): FunctionVersion {
    const { versions } = this.#find(parseFunctionName(functionName).name);
    const [latest] = versions;
    if (latest === undefined) throw functionNotFound(functionName);
    const version = { ...latest, version: String(versions.length), description, ...this.#stamp() };
    versions.push(version);
    return version;
  }

  addAlias(functionName: string, name: string, version: string, description: string): Alias {
    const reference = parseFunctionName(functionName);
    const { aliases } = this.#find(reference.name);
    if (aliases.has(name)) throw resourceConflict(`Alias already exists: ${this.arn(reference.name, name)}`);
    const { version: pointed } = this.resolve(reference.name, version);
    const alias = { name, version: pointed.version, description, revisionId: this.#world.random.uuid() };
    aliases.set(name, alias);
    return alias;
  }

  configureEventInvoke(functionName: string, qualifier: string, config: EventInvokeConfig): void {
    const { eventInvoke } = this.#find(parseFunctionName(functionName).name);
    if (eventInvoke.has(qualifier))
      throw resourceConflict(
        `The function ${functionName} with qualifier ${qualifier} already has an event invoke configuration.`,
      );
    eventInvoke.set(qualifier, config);
  }

  eventInvokeConfig({ version, qualifier }: Target): EventInvokeConfig {
    return this.#find(version.name).eventInvoke.get(qualifier) ?? DEFAULT_EVENT_INVOKE;
  }

  /** Throws ResourceNotFoundException naming the ARN. */
  resolve(functionName: string | undefined, givenQualifier?: string): Target {
    const { name, qualifier } = parseFunctionName(functionName, givenQualifier);
    const { versions, aliases } = this.#find(name, qualifier);
    const wanted = aliases.get(qualifier ?? LATEST)?.version ?? qualifier ?? LATEST;
    const version = versions.find((each) => each.version === wanted);
    if (version === undefined) throw functionNotFound(this.arn(name, qualifier));
    return { version, arn: this.arn(name, qualifier), qualifier: qualifier ?? LATEST };
  }

  alias(functionName: string | undefined, name: string | undefined): Alias {
    const reference = parseFunctionName(functionName);
    const alias = this.#find(reference.name).aliases.get(name ?? '');
    if (alias === undefined) throw resourceNotFound(`Cannot find alias arn: ${this.arn(reference.name, name)}`);
    return alias;
  }

  aliases(functionName: string | undefined, version?: string): readonly Alias[] {
    const aliases = [...this.#find(parseFunctionName(functionName).name).aliases.values()];
    return aliases.filter((alias) => version === undefined || alias.version === version);
  }

  versions(functionName: string | undefined): readonly FunctionVersion[] {
    return this.#find(parseFunctionName(functionName).name).versions;
  }

  /** `$LATEST` of every function, or with `published` every version of each. */
  list(published: boolean): readonly FunctionVersion[] {
    return [...this.#functions.values()].flatMap(({ versions }) => (published ? versions : versions.slice(0, 1)));
  }

  #find(name: string, qualifier?: string): LambdaFunction {
    const found = this.#functions.get(name);
    if (found === undefined) throw functionNotFound(this.arn(name, qualifier));
    return found;
  }

  #stamp(): { lastModified: string; revisionId: string } {
    const lastModified = this.#world.clock.date().toISOString().replace('Z', '+0000');
    return { lastModified, revisionId: this.#world.random.uuid() };
  }
}

/** A page of what an operation lists. `Marker` is the index of the next item. Throws for a marker that no page gave. */
export function pageOf<T>(
  items: readonly T[],
  marker: string | undefined,
  maxItems = 50,
): { page: T[]; NextMarker?: string } {
  const start = marker === undefined ? 0 : Number(marker);
  if (!Number.isInteger(start) || start < 0) throw invalidParameter('Invalid Marker.');
  const end = start + Math.min(maxItems, 50);
  return { page: items.slice(start, end), ...(end < items.length && { NextMarker: String(end) }) };
}
