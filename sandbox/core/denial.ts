import { AwsError } from './aws-error.ts';
import type { Call, Permission } from './service.ts';

/** Why IAM said no; each has its own words in the message. */
export type DenialReason =
  | 'identity-implicit'
  | 'identity-explicit'
  | 'resource-implicit'
  | 'resource-explicit'
  | 'boundary-implicit'
  | 'boundary-explicit';

function because(reason: DenialReason, action: string): string {
  switch (reason) {
    case 'identity-implicit':
      return `because no identity-based policy allows the ${action} action`;
    case 'resource-implicit':
      return `because no resource-based policy allows the ${action} action`;
    case 'boundary-implicit':
      return `because no permissions boundary allows the ${action} action`;
    case 'identity-explicit':
      return 'with an explicit deny in an identity-based policy';
    case 'resource-explicit':
      return 'with an explicit deny in a resource-based policy';
    case 'boundary-explicit':
      return 'with an explicit deny in a permissions boundary';
  }
}

/** SNS writes its prefix in capitals and SQS the whole action in small letters; the others as policies do. */
function spelled(action: string): string {
  if (action.startsWith('sns:')) return action.replace('sns:', 'SNS:');
  return action.startsWith('sqs:') ? action.toLowerCase() : action;
}

function sentence({ caller, service }: Call, { action, resource }: Permission, reason: DenialReason): string {
  const name = spelled(action);
  const quoted = service === 's3' ? `"${resource}"` : resource;
  const where = resource === '*' ? '' : ` on resource: ${quoted}`;
  return `User: ${caller.arn} is not authorized to perform: ${name}${where} ${because(reason, name)}`;
}

/**
 * The refusal as the called service answers it: codes differ by protocol, words by service. See "Troubleshoot access
 * denied error messages" in the IAM User Guide.
 */
export function denied(call: Call, permission: Permission, reason: DenialReason): AwsError {
  const message = sentence(call, permission, reason);
  switch (call.service) {
    case 'ec2':
      return new AwsError('UnauthorizedOperation', `You are not authorized to perform this operation. ${message}`, 403);
    case 'sns':
      return permission.action.startsWith('kms:')
        ? new AwsError('KMSAccessDenied', message, 400)
        : new AwsError('AuthorizationError', message, 403);
    case 's3':
    case 'sqs':
    case 'sts':
      return new AwsError('AccessDenied', message, 403);
    case 'lambda':
      return new AwsError('AccessDeniedException', message, 403);
    default:
      return new AwsError('AccessDeniedException', message, 400);
  }
}
