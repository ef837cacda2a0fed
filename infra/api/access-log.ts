import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IAccessLogSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';

/**
 * One line for each request: who, what, how it ended; no headers but the user agent, no query, no body.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
const FIELDS = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  userAgent: '$context.identity.userAgent',
  // One of the three: of an IAM caller, of a token, of what a Lambda authorizer said.
  userArn: '$context.identity.userArn',
  subject: '$context.authorizer.claims.sub',
  principalId: '$context.authorizer.principalId',
  routeKey: '$context.routeKey',
  method: '$context.httpMethod',
  path: '$context.path',
  protocol: '$context.protocol',
  status: '$context.status',
  responseLength: '$context.responseLength',
  responseLatency: '$context.responseLatency',
  integrationLatency: '$context.integrationLatency',
  integrationStatus: '$context.integration.status',
  integrationError: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
  error: '$context.error.message',
} as const;

/** JSON lines in a log group. */
export const accessLogTo = (logGroup: LogGroup): IAccessLogSettings => ({
  destination: new LogGroupLogDestination(logGroup),
  format: AccessLogFormat.custom(JSON.stringify(FIELDS)),
});
