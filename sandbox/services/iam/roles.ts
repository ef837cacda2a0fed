import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { awsManagedPolicy } from './managed-policies.ts';
import { listed, type Document, type PolicyStatement } from './policy-schema.ts';

export interface NamedPolicy {
  readonly name: string;
  readonly policy: Document;
}

/** An IAM role with every policy that speaks for it. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly logicalId: string;
  readonly trust: Document;
  readonly tags: Readonly<Record<string, string>>;
  /** Inline and managed, in the order in which they were attached. */
  readonly policies: NamedPolicy[];
  boundary: NamedPolicy | undefined;
}

/** Takes one action, as a policy writes it, out of a role's policies; the role by name or logical id. */
export interface Withhold {
  readonly role: string;
  readonly action: string;
}

const sameAction = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The roles, managed policies and instance profiles of the account. */
export class Roles {
  readonly #roles = new Map<string, Role>();
  readonly #managed = new Map<string, NamedPolicy>();
  readonly #profiles = new Map<string, string>();
  #withheld: readonly Withhold[] = [];
  #version = 0;

  /** Changes whenever a policy does, so that decisions can be cached. */
  get version(): number {
    return this.#version;
  }

  all(): readonly Role[] {
    return [...this.#roles.values()];
  }

  add(role: Role): void {
    if (this.#roles.has(role.name))
      throw new AwsError('EntityAlreadyExists', `Role with name ${role.name} already exists.`, 409);
    this.#roles.set(role.name, role);
    this.#version++;
  }

  /** @throws AwsError NoSuchEntity */
  get(name: string): Role {
    const role = this.#roles.get(name);
    if (role === undefined) throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
    return role;
  }

  attach(roleName: string, policy: NamedPolicy): void {
    this.get(roleName).policies.push(policy);
    this.#version++;
  }

  addManaged(arn: string, policy: NamedPolicy): void {
    this.#managed.set(arn, policy);
  }

  /** A managed policy of the template, or one of AWS that the sandbox knows; any other is refused by its ARN. */
  managed(arn: string): NamedPolicy {
    const own = this.#managed.get(arn);
    if (own !== undefined) return own;
    const policy = awsManagedPolicy(arn);
    if (policy !== undefined) return { name: arn.slice(arn.lastIndexOf('/') + 1), policy };
    if (arn.startsWith('arn:aws:iam::aws:policy/')) throw notImplemented(`the managed policy ${arn}`);
    throw new AwsError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
  }

  addProfile(name: string, roleName: string): void {
    this.#profiles.set(name, this.get(roleName).name);
  }

  /** @throws AwsError NoSuchEntity */
  hasProfile(name: string): boolean {
    return this.#profiles.has(name);
  }

  ofProfile(name: string): Role {
    const roleName = this.#profiles.get(name);
    if (roleName === undefined) throw new AwsError('NoSuchEntity', `Instance Profile ${name} cannot be found.`, 404);
    return this.get(roleName);
  }

  /** The identity policies of a role without the actions that this run withholds from it. */
  effective(role: Role): readonly NamedPolicy[] {
    const actions = this.#withheld
      .filter(({ role: of }) => of === role.name || of === role.logicalId)
      .map(({ action }) => action);
    return role.policies.map(({ name, policy }) => ({ name, policy: without(policy, actions) }));
  }

  /**
   * Withholds these from now on, and nothing else.
   * @throws Error for an action that stands in no policy of its role: such a test run would prove nothing
   */
  withhold(withheld: readonly Withhold[]): void {
    const idle = withheld.find((each) => !this.#grants(each));
    if (idle !== undefined)
      throw new Error(`${idle.role} is not granted ${idle.action}, which is to be withheld from it`);
    this.#withheld = withheld;
    this.#version++;
  }

  #grants({ role: of, action }: Withhold): boolean {
    const role = this.all().find(({ name, logicalId }) => of === name || of === logicalId);
    const statements = role?.policies.flatMap(({ policy }) => policy.Statement) ?? [];
    return statements.some((statement) => listed(statement.Action).some((granted) => sameAction(granted, action)));
  }
}

function without(policy: Document, actions: readonly string[]): Document {
  const kept = (statement: PolicyStatement): PolicyStatement[] => {
    if (statement.Effect === 'Deny' || statement.Action === undefined) return [statement];
    const left = listed(statement.Action).filter((granted) => !actions.some((action) => sameAction(granted, action)));
    return left.length === 0 ? [] : [{ ...statement, Action: left }];
  };
  return actions.length === 0 ? policy : { ...policy, Statement: policy.Statement.flatMap(kept) };
}
