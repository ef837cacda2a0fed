import { listed } from './policy-schema.ts';
import type { NamedPolicy, Role } from './roles.ts';

/** One action on one resource pattern that a policy allows to a role, both as the policy writes them. */
export interface Grant {
  readonly role: string;
  readonly policy: string;
  readonly action: string;
  readonly resource: string;
}

/** Every grant of a role. A statement without Action or Resource (NotAction, NotResource) grants what cannot be listed. */
export function grantsOf({ name: role }: Role, policies: readonly NamedPolicy[]): Grant[] {
  return policies.flatMap(({ name: policy, policy: { Statement } }) =>
    Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action, Resource }) =>
      listed(Action).flatMap((action) => listed(Resource).map((resource) => ({ role, policy, action, resource }))),
    ),
  );
}
