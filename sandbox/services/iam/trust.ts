import { AwsError, notImplemented } from '../../core/aws-error.ts';
import { listed, type PolicyStatement } from './policy-schema.ts';
import type { Role } from './roles.ts';

/** What a service says of itself when it assumes a role. */
export interface TrustContext {
  readonly account: string;
  readonly region: string;
  readonly sourceArn?: string | undefined;
}

const COMPARED = ['StringEquals', 'StringLike', 'ArnEquals', 'ArnLike'];

const matches = (pattern: string, value: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'u',
  ).test(value);

function holds(role: Role, statement: PolicyStatement, context: TrustContext): boolean {
  const values: Record<string, string | undefined> = {
    'aws:sourceaccount': context.account,
    'aws:sourcearn': context.sourceArn,
  };
  return Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      if (!COMPARED.includes(operator) || !(key.toLowerCase() in values)) {
        throw notImplemented(`the condition ${operator} on ${key} in the trust policy of ${role.name}`);
      }
      const value = values[key.toLowerCase()];
      return value !== undefined && listed(wanted as string | string[]).some((pattern) => matches(pattern, value));
    }),
  );
}

/** Whether a role's trust policy lets a service (`lambda.amazonaws.com`, or its regional name) assume it. */
export function trusts(role: Role, servicePrincipal: string, context: TrustContext): boolean {
  const regional = servicePrincipal.replace('.amazonaws.com', `.${context.region}.amazonaws.com`);
  const speaksOf = ({ Action, Principal }: PolicyStatement): boolean =>
    listed(Action).some((action) => ['sts:assumerole', 'sts:*', '*'].includes(action.toLowerCase())) &&
    (Principal === '*' ||
      listed(Principal?.['Service']).some((service) => [servicePrincipal, regional].includes(service)));
  const speaking = role.trust.Statement.filter((statement) => speaksOf(statement) && holds(role, statement, context));
  return speaking.some(({ Effect }) => Effect === 'Allow') && !speaking.some(({ Effect }) => Effect === 'Deny');
}

/** The refusal in the words of the service that cannot assume the role. */
export function cannotAssume(role: string, servicePrincipal: string): AwsError {
  switch (servicePrincipal) {
    case 'lambda.amazonaws.com':
      return new AwsError(
        'InvalidParameterValueException',
        'The role defined for the function cannot be assumed by Lambda.',
      );
    case 'states.amazonaws.com':
      return new AwsError(
        'AccessDeniedException',
        'Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.',
      );
    case 'events.amazonaws.com':
    case 'scheduler.amazonaws.com':
      return new AwsError(
        'ValidationException',
        `Provided role '${role}' cannot be assumed by principal '${servicePrincipal}'.`,
      );
    default:
      return new AwsError(
        'AccessDenied',
        `${servicePrincipal} is not authorized to perform: sts:AssumeRole on resource: ${role}`,
        403,
      );
  }
}
