import type { Caller } from '../../core/service.ts';
import { uniqueId } from '../../core/unique-id.ts';
import type { World } from '../../core/world.ts';
import type { NamedPolicy, Role } from './roles.ts';
import type { User } from './users.ts';

export type ContextWorld = Pick<World, 'account' | 'region' | 'clock'>;

type Keys = Readonly<Record<string, string>>;

/** Whose policies speak for a caller; a service has none. */
export interface Identity {
  /** Whose use of its grants is recorded; undefined for a user. */
  readonly role: Role | undefined;
  readonly policies: readonly NamedPolicy[];
  readonly boundary: NamedPolicy | undefined;
  /** The condition keys that tell who it is. */
  readonly keys: Keys;
}

const PRINCIPAL = { 'aws:PrincipalIsAWSService': 'false' };
const accountOf = (arn: string): string => arn.split(':')[4] ?? '';

/** The keys that AWS gives with every request; see "AWS global condition context keys" in the IAM User Guide. */
export function requestKeys({ account, region, clock }: ContextWorld): Keys {
  const now = clock.date();
  return {
    'aws:CurrentTime': `${now.toISOString().slice(0, 19)}Z`,
    'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
    'aws:RequestedRegion': region,
    'aws:ResourceAccount': account,
    'aws:SecureTransport': 'true',
  };
}

export const serviceKeys = ({ account }: ContextWorld, { arn, sourceArn }: Caller): Keys => ({
  'aws:PrincipalIsAWSService': 'true',
  'aws:PrincipalServiceName': arn,
  'aws:SourceAccount': account,
  ...(sourceArn !== undefined && { 'aws:SourceArn': sourceArn }),
});

/** A role with those of its policies that count. */
export function identityOfRole(role: Role, policies: readonly NamedPolicy[]): Identity {
  const { arn, tags, boundary } = role;
  const tagKeys = Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value] as const);
  const keys = {
    ...PRINCIPAL,
    'aws:PrincipalAccount': accountOf(arn),
    'aws:PrincipalArn': arn,
    'aws:PrincipalType': 'AssumedRole',
    ...Object.fromEntries(tagKeys),
  };
  return { role, policies, boundary, keys };
}

export function identityOfUser({ name, arn, policies }: User, caller: Caller): Identity {
  const keys = {
    ...PRINCIPAL,
    'aws:PrincipalAccount': accountOf(arn),
    'aws:PrincipalArn': arn,
    'aws:PrincipalType': 'User',
    'aws:userid': uniqueId(caller),
    'aws:username': name,
  };
  return { role: undefined, policies, boundary: undefined, keys };
}
