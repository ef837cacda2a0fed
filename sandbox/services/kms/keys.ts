import type { GrantOperation } from '@aws-sdk/client-kms';
import { AwsError } from '../../core/aws-error.ts';
import type { PolicyDocument, Statement } from '../../core/resource-policies.ts';
import type { World } from '../../core/world.ts';
import { defaultPolicy, type Grant, type Key, type KeyState, managedPolicy } from './key-model.ts';

/** What a new key is to be; what is left out KMS chooses. */
export interface NewKey {
  readonly keyId?: string | undefined;
  readonly account?: string | undefined;
  readonly description?: string | undefined;
  readonly policy?: PolicyDocument | undefined;
  readonly state?: KeyState | undefined;
}

export interface NewGrant {
  readonly granteePrincipal: string;
  readonly operations: readonly GrantOperation[];
  readonly name?: string | undefined;
  readonly retiringPrincipal?: string | undefined;
}

/** The services of the sandbox whose keys AWS manages, as `alias/aws/NAME`, and how they call it themselves. */
const MANAGED: Readonly<Record<string, string>> = {
  dynamodb: 'dynamodb',
  ebs: 'ec2',
  lambda: 'lambda',
  s3: 's3',
  sns: 'sns',
  sqs: 'sqs',
  ssm: 'ssm',
};

/** Keys, which have states, policies and grants and encrypt nothing. A grant counts as a statement of the key's policy. */
export class Keys {
  readonly #world: World;
  /** By ARN. */
  readonly #keys = new Map<string, Key>();
  /** ARNs by the name of the alias. */
  readonly #aliases = new Map<string, string>();
  readonly #managed = new Map<string, Key>();

  constructor(world: World) {
    this.#world = world;
  }

  arn(keyId: string, account: string = this.#world.account): string {
    return `arn:aws:kms:${this.#world.region}:${account}:key/${keyId}`;
  }

  create(given: NewKey = {}): Key {
    const { account = this.#world.account, description = '', state = 'Enabled' } = given;
    const keyId = given.keyId ?? this.#world.random.uuid();
    const policy = given.policy ?? defaultPolicy(account);
    return this.#add({ keyId, account, description, state, policy, manager: 'CUSTOMER' });
  }

  addAlias(name: string, target: string): void {
    this.#aliases.set(name, this.get(target).arn);
  }

  aliases(): readonly (readonly [name: string, key: Key])[] {
    const own = [...this.#aliases].map(([name, arn]) => [name, this.get(arn)] as const);
    return [...own, ...this.#managed].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The ARN that a caller means by an id, an ARN, an alias or an alias's ARN; an alias that there is not stays as it is. */
  resolve(reference = ''): string {
    const alias = /^(?:arn:aws:kms:[^:]*:\d+:)?(alias\/.+)$/u.exec(reference)?.[1];
    if (alias === undefined) return reference.startsWith('arn:') ? reference : this.arn(reference);
    const { region, account } = this.#world;
    return this.#aliases.get(alias) ?? this.#awsManaged(alias)?.arn ?? `arn:aws:kms:${region}:${account}:${alias}`;
  }

  find(reference: string | undefined): Key | undefined {
    return this.#keys.get(this.resolve(reference));
  }

  /** @throws AwsError NotFoundException */
  get(reference: string | undefined): Key {
    const found = this.find(reference);
    if (found !== undefined) return found;
    const arn = this.resolve(reference);
    const what = arn.includes(':alias/') ? `Alias ${arn} is not found.` : `Key '${arn}' does not exist`;
    throw new AwsError('NotFoundException', what);
  }

  /** The same grant again, where it has a name, is the one that is there. */
  grant(key: Key, { operations, ...given }: NewGrant, issuingAccount: string): Grant {
    const same = (grant: Grant): boolean =>
      given.name !== undefined &&
      JSON.stringify([grant.name, grant.granteePrincipal, grant.operations]) ===
        JSON.stringify([given.name, given.granteePrincipal, operations]);
    const present = key.grants.find(same);
    if (present !== undefined) return present;
    const { random, clock } = this.#world;
    const grant: Grant = {
      ...{ grantId: random.hex(64), token: `AQpA${random.hex(64)}`, name: given.name, issuingAccount, operations },
      granteePrincipal: given.granteePrincipal,
      retiringPrincipal: given.retiringPrincipal,
      createdAt: clock.now(),
    };
    key.grants.push(grant);
    this.#tell(key);
    return grant;
  }

  /** @throws AwsError NotFoundException */
  revoke(key: Key, grantId: string | undefined): void {
    const at = key.grants.findIndex((grant) => grant.grantId === grantId);
    if (at < 0) throw new AwsError('NotFoundException', `Grant ID ${grantId ?? ''} not found`);
    key.grants.splice(at, 1);
    this.#tell(key);
  }

  /** The key that AWS manages for a service is made when it is first asked for. */
  #awsManaged(alias: string): Key | undefined {
    const present = this.#managed.get(alias);
    const name = alias.replace(/^alias\/aws\//u, '');
    const service = Object.hasOwn(MANAGED, name) ? MANAGED[name] : undefined;
    if (present !== undefined || service === undefined || name === alias) return present;
    const { account, region, random } = this.#world;
    const description = `Default key that protects my ${name.toUpperCase()} data when no other key is defined`;
    const policy = managedPolicy(account, service, region);
    const key = this.#add({
      ...{ keyId: random.uuid(), account, description, policy },
      state: 'Enabled',
      manager: 'AWS',
    });
    this.#managed.set(alias, key);
    return key;
  }

  #add(given: Omit<Key, 'arn' | 'createdAt' | 'grants'>): Key {
    const arn = this.arn(given.keyId, given.account);
    const key: Key = { ...given, arn, createdAt: this.#world.clock.now(), grants: [] };
    this.#keys.set(arn, key);
    this.#tell(key);
    return key;
  }

  /** IAM decides by the policy and by a statement for each grant. */
  #tell({ arn, policy, grants }: Key): void {
    const own = Array.isArray(policy.Statement)
      ? (policy.Statement as readonly Statement[])
      : [policy.Statement as Statement];
    const granted = grants.map(({ granteePrincipal, operations }): Statement => ({
      Effect: 'Allow',
      Principal: { AWS: granteePrincipal },
      Action: operations.map((operation) => `kms:${operation}`),
      Resource: '*',
    }));
    this.#world.resourcePolicies.replace(arn, { Statement: [...own, ...granted] });
  }
}
