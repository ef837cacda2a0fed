import * as z from 'zod';
import { namedOutputs } from '../cloudformation/index.ts';
import { OPERATOR } from '../core/credentials.ts';
import { IdentityPolicy } from '../services/iam/index.ts';

const Policy = IdentityPolicy.refine(
  ({ Statement }) =>
    Statement.every(({ Principal, NotPrincipal }) => Principal === undefined && NotPrincipal === undefined),
  'the policy of a user names no Principal',
);

/** An IAM user with an access key of its own; it may do what its policies say and nothing else. */
const User = z.strictObject({
  name: z.string().regex(/^[\w+=,.@-]{1,64}$/, 'a user name is 1 to 64 letters, digits and +=,.@_-'),
  accessKeyId: z
    .string()
    .regex(/^AKIA[A-Z0-9]{16}$/, 'an access key id is AKIA and 16 capital letters and digits')
    .refine((id) => id !== OPERATOR.accessKeyId, 'the operator has this key'),
  secretAccessKey: z.string().min(1),
  /** Identity policies; `${NAME}` in them stands for the stack output of that name. */
  policies: z.array(Policy),
});
export type FleetUser = z.output<typeof User>;

export const Users = z.array(User).superRefine((users, context) => {
  for (const member of ['name', 'accessKeyId'] as const) {
    const seen = new Set<string>();
    users.forEach(({ [member]: value }, index) => {
      if (seen.has(value))
        context.addIssue({ code: 'custom', path: [index, member], message: 'another user has it', input: value });
      seen.add(value);
    });
  }
});

type Outputs = Readonly<Record<string, string>>;

/** The name of an output: IAM's own variables have a colon or are one sign. */
const OUTPUT = /\$\{([A-Za-z][A-Za-z0-9]*)\}/g;

const outputOf = (outputs: Outputs, name: string): string | undefined =>
  Object.hasOwn(outputs, name) ? outputs[name] : undefined;

/** Each output that a user's policies name and the stacks do not have. */
export function userProblems({ policies }: FleetUser, at: string, outputs: Outputs): string[] {
  const names = [...JSON.stringify(policies).matchAll(OUTPUT)].map(([, name = '']) => name);
  const known = namedOutputs(outputs).map(([name]) => name);
  return [...new Set(names)]
    .filter((name) => outputOf(outputs, name) === undefined)
    .map((name) => `  ${at}.policies: no such stack output; the stacks have ${known.join(', ')} ("\${${name}}" given)`);
}

/** The user with the stacks' outputs in its policies. */
export function resolvedUser(user: FleetUser, outputs: Outputs): FleetUser {
  const resolved = (text: string) => text.replace(OUTPUT, (whole, name: string) => outputOf(outputs, name) ?? whole);
  const policies = JSON.parse(JSON.stringify(user.policies), (_key, value: unknown) =>
    typeof value === 'string' ? resolved(value) : value,
  ) as FleetUser['policies'];
  return { ...user, policies };
}
