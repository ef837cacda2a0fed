import type { Authorize } from '../../core/dispatcher.ts';
import type { PolicyDocument } from '../../core/resource-policies.ts';
import type { Provisioners } from '../../core/resources.ts';
import type { Caller, Permission } from '../../core/service.ts';
import type { World } from '../../core/world.ts';
import { denied, type DenialReason } from '../../core/denial.ts';
import {
  identityOfRole,
  identityOfUser,
  requestKeys,
  serviceKeys,
  type ContextWorld,
  type Identity,
} from './context.ts';
import { DecisionCache } from './decision-cache.ts';
import { grantsOf, type Grant } from './grants.ts';
import { iamResources } from './resources.ts';
import type { Document } from './policy-schema.ts';
import { Roles, type NamedPolicy, type Role, type Withhold } from './roles.ts';
import { decide, type Decision, type Question } from './simulator.ts';
import { Users } from './users.ts';
import { cannotAssume, trusts } from './trust.ts';

export type { Grant } from './grants.ts';
export { Document as IdentityPolicy } from './policy-schema.ts';
export type { Withhold } from './roles.ts';

interface AssumeOptions {
  /** Made up when absent. Lambda gives the function's name, EC2 the instance id. */
  readonly sessionName?: string;
  /** What the service assumes the role for (`aws:SourceArn`). */
  readonly sourceArn?: string;
}

export interface Iam {
  readonly resources: Provisioners;
  readonly authorize: Authorize;
  /** Why a caller may not do something; undefined where it may. For services that say no in their own way. */
  refusal(caller: Caller, permission: Permission): Promise<DenialReason | undefined>;
  /** Whether a policy of nobody's, such as a Lambda authorizer answers, allows something. */
  allowedBy(policy: Document, permission: Permission): Promise<boolean>;
  /**
   * Adds a user with these inline policies, and gives what it acts as.
   * @throws Error for a malformed policy, AwsError EntityAlreadyExists
   */
  addUser(name: string, policies: readonly Document[]): Promise<Caller>;
  /**
   * Loads the simulator and its data, and checks every policy that there is. Awaited once after the stacks are
   * deployed: in virtual time a decision must never wait for the disk.
   * @throws Error for a malformed policy
   */
  prepare(): Promise<void>;
  /**
   * Takes these actions, and no other, out of their roles' policies from now on, to see what misses them.
   * @throws Error for an action that no policy of its role grants
   */
  withhold(actions: readonly Withhold[]): void;
  /**
   * What a service (`lambda.amazonaws.com`) acts as with a role.
   * @throws AwsError in the service's words when the role's trust policy does not name it; NoSuchEntity
   */
  assume(roleArn: string, servicePrincipal: string, options?: AssumeOptions): Caller;
  hasInstanceProfile(nameOrArn: string): boolean;
  /** What the software on an instance acts as. @throws AwsError NoSuchEntity */
  callerOfInstanceProfile(nameOrArn: string, instanceId: string): Caller;
  /** Every action on every resource pattern that a policy of the template allows to a role, as written. */
  grants(): readonly Grant[];
  /** The grants by which calls were let through until now. */
  usage(): readonly Grant[];
}

type IamWorld = ContextWorld & Pick<World, 'random' | 'resourcePolicies'>;

const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** The services whose action data is loaded ahead. */
const PREPARED = [
  'autoscaling:DescribeAutoScalingGroups',
  'cloudwatch:PutMetricData',
  'dynamodb:ListTables',
  'ec2:DescribeInstances',
  'events:ListRules',
  'execute-api:Invoke',
  'iam:ListRoles',
  'kms:ListKeys',
  'lambda:ListFunctions',
  'logs:DescribeLogGroups',
  's3:ListAllMyBuckets',
  'scheduler:ListSchedules',
  'sns:ListTopics',
  'sqs:ListQueues',
  'ssm:ListCommands',
  'states:ListStateMachines',
  'sts:GetCallerIdentity',
];

/**
 * IAM of one account: roles, policies and instance profiles from the template, and the decision about every call that a
 * role, a user or a service makes. Source: IAM User Guide, "Policy evaluation logic". No organizations or session policies.
 */
export function createIam(world: IamWorld): Iam {
  const roles = new Roles();
  const cache = new DecisionCache();
  const users = new Users(world.account);
  const used = new Map<string, Grant>();

  const identityOf = (caller: Caller): Identity | undefined => {
    if (caller.userName !== undefined) return identityOfUser(users.get(caller.userName), caller);
    if (caller.roleName === undefined) return undefined;
    const role = roles.get(caller.roleName);
    return identityOfRole(role, roles.effective(role));
  };

  const question = (
    caller: Caller,
    identity: Identity | undefined,
    { action, resource, context = {} }: Permission,
  ): Question => ({
    account: world.account,
    principal: caller.arn,
    action,
    resource,
    context: { ...requestKeys(world), ...(identity?.keys ?? serviceKeys(world, caller)), ...context },
    identity: identity?.policies ?? [],
    boundary: identity?.boundary,
    resourcePolicy: world.resourcePolicies.for(resource),
  });

  const refusal = async (caller: Caller, permission: Permission): Promise<DenialReason | undefined> => {
    if (caller.kind === 'operator') return undefined;
    const identity = identityOf(caller);
    const role = identity?.role;
    const version = `${roles.version}/${world.resourcePolicies.version}`;
    const made = cache.get(version, question(caller, identity, permission), role?.name, decide);
    const decision: Decision = made instanceof Promise ? await made : made;
    if (!decision.allowed) return decision.reason;
    if (role === undefined) return undefined;
    for (const match of decision.matches)
      used.set(`${role.name} ${Object.values(match).join(' ')}`, { role: role.name, ...match });
    return undefined;
  };

  return {
    resources: iamResources({ account: world.account, random: world.random, roles }),
    authorize: async (caller, permissions, call) => {
      for (const permission of permissions) {
        const reason = await refusal(caller, permission);
        if (reason !== undefined) throw denied(call, permission, reason);
      }
    },
    refusal,
    allowedBy: async (policy, { action, resource, context = {} }) => {
      const asked = {
        resource,
        context: { ...requestKeys(world), ...context },
        identity: [{ name: 'policy', policy }],
      };
      return (await decide({ ...probe(world.account, action), ...asked })).allowed;
    },
    addUser: async (name, documents) => {
      const policies = documents.map((policy, index): NamedPolicy => ({ name: `${name}-${index + 1}`, policy }));
      await validate(world.account, `user ${name}`, policies);
      return users.add(name, policies);
    },
    prepare: async () => {
      for (const action of PREPARED) await decide(probe(world.account, action));
      for (const { name, policies, boundary } of roles.all())
        await validate(world.account, `role ${name}`, policies, boundary);
      for (const [arn, policy] of world.resourcePolicies.all())
        await validateResourcePolicy(world.account, arn, policy);
    },
    withhold: (actions) => roles.withhold(actions),
    assume: (roleArn, servicePrincipal, { sessionName = world.random.alphanumeric(32), sourceArn } = {}) => {
      const role = roles.get(nameOf(roleArn));
      const context = { account: world.account, region: world.region, sourceArn };
      if (!trusts(role, servicePrincipal, context)) throw cannotAssume(roleArn, servicePrincipal);
      return callerOf(world.account, role, sessionName);
    },
    hasInstanceProfile: (nameOrArn) => roles.hasProfile(nameOf(nameOrArn)),
    callerOfInstanceProfile: (nameOrArn, instanceId) => {
      const role = roles.ofProfile(nameOf(nameOrArn));
      if (!trusts(role, 'ec2.amazonaws.com', { account: world.account, region: world.region })) {
        throw cannotAssume(role.arn, 'ec2.amazonaws.com');
      }
      return callerOf(world.account, role, instanceId);
    },
    grants: () => roles.all().flatMap((role) => grantsOf(role, roles.effective(role))),
    usage: () => [...used.values()],
  };
}

const callerOf = (account: string, { name }: Role, session: string): Caller => ({
  kind: 'role',
  arn: `arn:aws:sts::${account}:assumed-role/${name}/${session}`,
  roleName: name,
});

const probe = (account: string, action: string): Question => ({
  account,
  principal: `arn:aws:sts::${account}:assumed-role/probe/probe`,
  action,
  resource: '*',
  context: {},
  identity: [],
  boundary: undefined,
  resourcePolicy: undefined,
});

async function validate(
  account: string,
  whose: string,
  identity: readonly NamedPolicy[],
  boundary?: NamedPolicy,
): Promise<void> {
  await decide({ ...probe(account, 'sts:GetCallerIdentity'), identity, boundary }).catch((cause: unknown) => {
    throw new Error(`A policy of ${whose} is malformed`, { cause });
  });
}

async function validateResourcePolicy(account: string, arn: string, resourcePolicy: PolicyDocument): Promise<void> {
  await decide({ ...probe(account, 'sts:GetCallerIdentity'), resourcePolicy }).catch((cause: unknown) => {
    throw new Error(`The resource policy of ${arn} is malformed`, { cause });
  });
}
