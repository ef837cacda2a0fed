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

/** Whether a grant is for rollouts alone: those are held to their scenarios in ami-rollout.test.ts. */
export const isOfRollouts = ({ role, action, resource }: Grant): boolean =>
  /AmiRollout|RolloutTrigger|CheckDrift|DecideApproval/.test(`${role} ${resource}`) ||
  action === 'states:SendTaskFailure';
