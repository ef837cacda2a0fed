import { serviceGrants, type ServiceGrant } from '../../infra/constructs/service-grants.ts';
import type { Grant } from '../../sandbox/services/iam/index.ts';
import { roleServices } from './assembly.ts';
import type { Lab } from './lab.ts';

export const nameOf = ({ role, action, resource }: Grant): string => `${role} ${action} on ${resource}`;

const KINDS: Readonly<Record<string, ServiceGrant['role']>> = {
  'lambda.amazonaws.com': 'function',
  'states.amazonaws.com': 'runbook',
  'ec2.amazonaws.com': 'instance',
};

/** Whether AWS itself uses a grant on our behalf, which no call of ours can show. */
export function usedByAws({ deployment }: Lab['sandbox'], { role, action }: Grant): boolean {
  const [path = ''] = Object.entries(deployment.resources).find(([, { physicalId }]) => physicalId === role) ?? [];
  const kind = KINDS[roleServices().get(path.split('/').at(-1) ?? '') ?? ''];
  return serviceGrants.some((grant) => grant.role === kind && grant.actions.includes(action));
}

/** The calls of roles that were refused in a lab. */
export const refusedIn = ({ sandbox }: Lab): string[] =>
  sandbox.dispatcher.journal
    .filter(({ outcome, caller }) => caller.kind === 'role' && /AccessDenied|Unauthorized|Authorization/.test(outcome))
    .map(({ operation }) => operation);

/** The grants among some that no call in a lab has used, and that AWS does not use on our behalf either. */
export function idleIn(lab: Lab, among: (grant: Grant) => boolean): string[] {
  const used = new Set(lab.sandbox.iam.usage().map(nameOf));
  const idle = lab.sandbox.iam.grants().filter((grant) => among(grant) && !used.has(nameOf(grant)));
  return idle.filter((grant) => !usedByAws(lab.sandbox, grant)).map(nameOf);
}

/** Whether a grant is for rollouts alone: those are held to the scenarios in ami-rollout.test.ts. */
export const isOfRollouts = (grant: Grant): boolean =>
  !isOfDriftChecks(grant) &&
  (/AmiRollout|RolloutTrigger|DecideApproval/.test(`${grant.role} ${grant.resource}`) ||
    grant.action === 'states:SendTaskFailure');

/** Whether a grant is for drift checks alone: those are held to the scenarios in check-drift.test.ts. */
export const isOfDriftChecks = ({ role, resource }: Grant): boolean => /CheckDrift/.test(`${role} ${resource}`);
