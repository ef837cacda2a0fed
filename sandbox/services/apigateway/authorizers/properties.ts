import * as z from 'zod';

const JwtConfiguration = z.strictObject({
  Issuer: z.url({ protocol: /^https$/ }),
  Audience: z.array(z.string().min(1)).min(1),
});

/**
 * AWS::ApiGatewayV2::Authorizer. What goes with which type is checked when it is created.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-authorizer.html
 */
export const AuthorizerProperties = z.strictObject({
  ApiId: z.string(),
  Name: z.string().min(1).max(128),
  AuthorizerType: z.enum(['JWT', 'REQUEST']),
  IdentitySource: z.array(z.string()).default([]),
  JwtConfiguration: JwtConfiguration.optional(),
  AuthorizerUri: z.string().optional(),
  AuthorizerCredentialsArn: z.string().optional(),
  AuthorizerPayloadFormatVersion: z.enum(['1.0', '2.0']).optional(),
  AuthorizerResultTtlInSeconds: z.int().min(0).max(3600).default(0),
  EnableSimpleResponses: z.boolean().default(false),
  /** For WebSocket APIs, which there are none of here. */
  IdentityValidationExpression: z.undefined().optional(),
});
export type AuthorizerProperties = z.output<typeof AuthorizerProperties>;
