import * as z from 'zod';

/** Values come out of templates as strings as often as as numbers. */
const Integer = (from: number, to: number) => z.coerce.number().int().min(from).max(to);
const Tags = z.record(z.string(), z.string());

/**
 * AWS::ApiGatewayV2::Api as `HttpApi` of the CDK writes it. CORS, quick create (Target), bodies in OpenAPI and mutual TLS are
 * refused as unknown properties.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-api.html
 */
export const ApiProperties = z.strictObject({
  Name: z.string().min(1).max(128),
  ProtocolType: z.string(),
  Description: z.string().max(1024).optional(),
  DisableExecuteApiEndpoint: z.literal(false).optional(),
  IpAddressType: z.enum(['ipv4', 'dualstack']).optional(),
  Tags: Tags.optional(),
});

const RouteSettings = z.strictObject({
  DetailedMetricsEnabled: z.boolean().optional(),
  /** Size of the token bucket. */
  ThrottlingBurstLimit: Integer(0, 1_000_000).optional(),
  /** Tokens a second. */
  ThrottlingRateLimit: z.coerce.number().min(0).optional(),
});
export type RouteSettings = z.infer<typeof RouteSettings>;

/** AWS::ApiGatewayV2::Stage; https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-stage.html */
export const StageProperties = z.strictObject({
  ApiId: z.string(),
  StageName: z.string().regex(/^(\$default|[\w-]{1,128})$/),
  /** Deployments of their own are not modelled. */
  AutoDeploy: z.literal(true),
  Description: z.string().max(1024).optional(),
  AccessLogSettings: z.strictObject({ DestinationArn: z.string(), Format: z.string().min(1) }).optional(),
  DefaultRouteSettings: RouteSettings.optional(),
  /** By route key. */
  RouteSettings: z.record(z.string(), RouteSettings).default({}),
  StageVariables: z.record(z.string().regex(/^\w+$/), z.string().regex(/^[\w\-.~:/?#&=,]+$/)).default({}),
  Tags: Tags.optional(),
});
export type StageProperties = z.infer<typeof StageProperties>;

/** AWS::ApiGatewayV2::Integration; https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-integration.html */
export const IntegrationProperties = z.strictObject({
  ApiId: z.string(),
  IntegrationType: z.string(),
  IntegrationUri: z.string(),
  IntegrationMethod: z.literal('POST').optional(),
  ConnectionType: z.literal('INTERNET').optional(),
  Description: z.string().max(1024).optional(),
  PayloadFormatVersion: z.string(),
  TimeoutInMillis: Integer(50, 30_000).default(30_000),
});
export type IntegrationProperties = z.infer<typeof IntegrationProperties>;

/** AWS::ApiGatewayV2::Route; https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-route.html */
export const RouteProperties = z.strictObject({
  ApiId: z.string(),
  RouteKey: z.string(),
  Target: z.string().regex(/^integrations\/\w+$/),
  ApiKeyRequired: z.literal(false).optional(),
  AuthorizationType: z.enum(['NONE', 'AWS_IAM', 'JWT', 'CUSTOM']).default('NONE'),
  AuthorizationScopes: z.array(z.string().min(1).max(64)).max(10).default([]),
  AuthorizerId: z.string().optional(),
  OperationName: z.string().max(64).optional(),
});
export type RouteProperties = z.infer<typeof RouteProperties>;
