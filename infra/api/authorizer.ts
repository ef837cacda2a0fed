import { Duration } from 'aws-cdk-lib';
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpIamAuthorizer,
  HttpJwtAuthorizer,
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { ApiAuthorization } from '../config.ts';

/** Who says whether a request may pass, and what scopes its token must have one of. */
export interface Authorizing {
  readonly defaultAuthorizer: IHttpRouteAuthorizer;
  readonly defaultAuthorizationScopes?: string[];
}

/** The authorizer of every route; the constructs that it needs go into `scope`. */
export function authorizing(scope: Construct, authorization: ApiAuthorization): Authorizing {
  switch (authorization.type) {
    case 'iam':
      return { defaultAuthorizer: new HttpIamAuthorizer() };
    case 'jwt': {
      const { issuer, audience, scopes } = authorization;
      const defaultAuthorizer = new HttpJwtAuthorizer('JwtAuthorizer', issuer, { jwtAudience: audience });
      return { defaultAuthorizer, defaultAuthorizationScopes: scopes };
    }
    case 'lambda':
      return { defaultAuthorizer: lambdaAuthorizer(scope, authorization) };
  }
}

/**
 * A function that answers `{isAuthorized, context: {principalId}}`, the simple response of payload format 2.0.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
function lambdaAuthorizer(
  scope: Construct,
  { functionArn, identityHeaders, cacheSeconds }: Extract<ApiAuthorization, { type: 'lambda' }>,
): HttpLambdaAuthorizer {
  const handler = LambdaFunction.fromFunctionAttributes(scope, 'AuthorizerFunction', {
    functionArn,
    // Without this, the stack would not give API Gateway leave to invoke it.
    sameEnvironment: true,
  });
  const headers = identityHeaders.map((name) => `$request.header.${name}`);
  return new HttpLambdaAuthorizer('LambdaAuthorizer', handler, {
    responseTypes: [HttpLambdaResponseType.SIMPLE],
    // What is kept is kept by identity source: without the route in it, leave for one route would open all the others.
    identitySource: cacheSeconds === 0 ? headers : [...headers, '$context.routeKey'],
    resultsCacheTtl: Duration.seconds(cacheSeconds),
  });
}
