import { describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { RunbookApi } from '../../../infra/api/http-api.ts';
import { parseConfig } from '../../../infra/config.ts';
import type { ConfigInput } from '../../../infra/config.ts';
import { FleetFunction } from '../../../infra/constructs/fleet-function.ts';
import { ofType, standInBundles, testApp } from '../synthesize.ts';
import type { Resource, TemplateDocument } from '../synthesize.ts';

const bundles = standInBundles();

/** The template of an API with one route, and that authorization. */
function authorized(authorization: NonNullable<ConfigInput['api']>['authorization']): TemplateDocument {
  const stack = new Stack(testApp(), 'Test');
  const alerting = { topic: new Topic(stack, 'Topic'), actionsEnabled: true };
  const context = { environment: 'dev', config: parseConfig('test', { api: { authorization } }), bundles, alerting };
  const common = { context, description: 'Answers', errorImpact: 'Nobody is served.', statements: [] };
  const answer = new FleetFunction(stack, 'Answer', { ...common, name: 'send-command' });
  new RunbookApi(stack, 'Api', { context }).addRoute({ method: 'GET', path: '/it', operationId: 'getIt' }, answer);
  return Template.fromStack(stack).toJSON() as TemplateDocument;
}
const propertiesOf = (template: TemplateDocument, type: string): Resource['Properties'][] =>
  ofType(template, type).map(([, { Properties }]) => Properties);

describe('the authorization of an API', () => {
  it('by signature needs no authorizer', () => {
    const template = authorized({ type: 'iam' });
    expect(propertiesOf(template, 'AWS::ApiGatewayV2::Route')).toMatchObject([{ AuthorizationType: 'AWS_IAM' }]);
    expect(propertiesOf(template, 'AWS::ApiGatewayV2::Authorizer')).toEqual([]);
  });

  it('by tokens takes those of one issuer, for an audience, with a scope', () => {
    const template = authorized({
      type: 'jwt',
      issuer: 'https://id.example.com/',
      audience: ['fleet'],
      scopes: ['fleet/run'],
    });
    const [[id] = []] = ofType(template, 'AWS::ApiGatewayV2::Authorizer');
    expect(propertiesOf(template, 'AWS::ApiGatewayV2::Authorizer')).toMatchObject([
      {
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: 'https://id.example.com/', Audience: ['fleet'] },
      },
    ]);
    for (const route of propertiesOf(template, 'AWS::ApiGatewayV2::Route'))
      expect(route).toMatchObject({
        AuthorizationType: 'JWT',
        AuthorizerId: { Ref: id },
        AuthorizationScopes: ['fleet/run'],
      });
  });

  const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:authorize';

  it('by a function asks it for a simple answer, and lets API Gateway invoke it', () => {
    const template = authorized({ type: 'lambda', functionArn, identityHeaders: ['x-token'] });
    expect(propertiesOf(template, 'AWS::ApiGatewayV2::Authorizer')).toMatchObject([
      {
        AuthorizerType: 'REQUEST',
        AuthorizerPayloadFormatVersion: '2.0',
        EnableSimpleResponses: true,
        AuthorizerResultTtlInSeconds: 0,
        IdentitySource: ['$request.header.x-token'],
      },
    ]);
    expect(JSON.stringify(propertiesOf(template, 'AWS::ApiGatewayV2::Authorizer')[0]?.AuthorizerUri)).toContain(
      functionArn,
    );
    for (const route of propertiesOf(template, 'AWS::ApiGatewayV2::Route'))
      expect(route).toMatchObject({ AuthorizationType: 'CUSTOM' });
    expect(
      propertiesOf(template, 'AWS::Lambda::Permission').filter(({ FunctionName }) => FunctionName === functionArn),
    ).toMatchObject([{ Action: 'lambda:InvokeFunction', Principal: 'apigateway.amazonaws.com' }]);
  });

  it('by a function keeps an answer for its route alone', () => {
    const template = authorized({ type: 'lambda', functionArn, cacheSeconds: 60 });
    expect(propertiesOf(template, 'AWS::ApiGatewayV2::Authorizer')).toMatchObject([
      {
        AuthorizerResultTtlInSeconds: 60,
        IdentitySource: ['$request.header.authorization', '$context.routeKey'],
      },
    ]);
  });
});
