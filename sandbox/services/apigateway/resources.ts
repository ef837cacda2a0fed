import { notImplemented } from '../../core/aws-error.ts';
import { provisioner, type Provisioners } from '../../core/resources.ts';
import type { World } from '../../core/world.ts';
import type { Authorizers } from './authorization.ts';
import { AuthorizerProperties } from './authorizers/properties.ts';
import { badRequest } from './errors.ts';
import type { HttpApi } from './http-api.ts';
import { ApiProperties, IntegrationProperties, RouteProperties, StageProperties } from './properties.ts';
import { parseRouteKey } from './route-key.ts';
import { createStage } from './stage.ts';

interface Given {
  readonly world: Pick<World, 'clock' | 'log' | 'random'>;
  readonly authorizers: Authorizers<AuthorizerProperties>;
  /** Creates an API and listens for it. */
  readonly create: () => Promise<{ readonly api: HttpApi; readonly endpoint: string }>;
  /** @throws AwsError NotFoundException */
  readonly get: (apiId: string) => HttpApi;
}

const FUNCTION = /^arn:aws:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/;
const INVOCATION = /^arn:aws:apigateway:[\w-]+:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;

/** The function's ARN, given as it is or as REST APIs write it. */
function functionArn(uri: string): string {
  const arn = INVOCATION.exec(uri)?.[1] ?? uri;
  if (!FUNCTION.test(arn)) throw badRequest(`Invalid integration URI specified: ${uri}`);
  return arn;
}

/**
 * API Gateway's CloudFormation types for HTTP APIs.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_ApiGatewayV2.html
 */
export function apiGatewayResources({ world, authorizers, create, get }: Given): Provisioners {
  const newId = (): string => world.random.hex(7);
  return {
    'AWS::ApiGatewayV2::Api': provisioner(ApiProperties, async ({ ProtocolType }) => {
      if (ProtocolType !== 'HTTP') throw notImplemented(`${ProtocolType} APIs`);
      const { api, endpoint } = await create();
      return { ref: api.id, attributes: { ApiEndpoint: endpoint, ApiId: api.id } };
    }),
    'AWS::ApiGatewayV2::Stage': provisioner(StageProperties, (properties) => {
      get(properties.ApiId).addStage(createStage(world, properties, world.random.hex(32)));
      return { ref: properties.StageName, attributes: {} };
    }),
    'AWS::ApiGatewayV2::Integration': provisioner(IntegrationProperties, (properties) => {
      const { ApiId, IntegrationType, PayloadFormatVersion, IntegrationUri, TimeoutInMillis: timeout } = properties;
      if (IntegrationType !== 'AWS_PROXY') throw notImplemented(`integrations of type ${IntegrationType}`);
      if (PayloadFormatVersion !== '2.0') throw notImplemented(`the payload format ${PayloadFormatVersion}`);
      const id = newId();
      get(ApiId).integrations.set(id, { functionArn: functionArn(IntegrationUri), timeout });
      return { ref: id, attributes: { IntegrationId: id } };
    }),
    'AWS::ApiGatewayV2::Authorizer': provisioner(AuthorizerProperties, (properties) => {
      const id = newId();
      get(properties.ApiId).authorizers.set(id, authorizers.create(properties, id));
      return { ref: id, attributes: { AuthorizerId: id } };
    }),
    'AWS::ApiGatewayV2::Route': provisioner(RouteProperties, (properties) => {
      const { ApiId, RouteKey, Target, AuthorizationType: type, AuthorizationScopes: scopes } = properties;
      const api = get(ApiId);
      const integration = api.integrations.get(Target.slice('integrations/'.length));
      if (integration === undefined) throw badRequest(`Invalid integration identifier specified: ${Target}`);
      const authorizer =
        properties.AuthorizerId === undefined ? undefined : api.authorizers.get(properties.AuthorizerId);
      const authorize = authorizers.ofRoute({ type, scopes, authorizer });
      api.addRoute({ key: parseRouteKey(RouteKey), integration, authorize });
      const id = newId();
      return { ref: id, attributes: { RouteId: id } };
    }),
  };
}
