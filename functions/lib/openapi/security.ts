import type { Schema } from './types.ts';

/** Who may call the API, as `api.authorization` of the configuration says it. */
export type Authorization =
  | { readonly type: 'iam' }
  | { readonly type: 'jwt' }
  /** A function that is asked with these headers, all of which a request must carry. */
  | { readonly type: 'lambda'; readonly identityHeaders: readonly string[] };

type Schemes = Readonly<Record<string, Schema>>;

const PRINCIPAL = 'A function of the deployment decides, route by route.';

/**
 * OpenAPI has no word for Signature Version 4: API Gateway writes it as an `apiKey` with an extension, and tools read that.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html
 */
const SIGV4: Schema = {
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  description:
    'AWS Signature Version 4 for the service execute-api. IAM policies must allow execute-api:Invoke on the route.',
  'x-amazon-apigateway-authtype': 'awsSigv4',
};

const BEARER: Schema = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'A token of the identity provider that the deployment trusts.',
};

/** The schemes, by name; a request must satisfy all of them. */
export function securitySchemes(authorization: Authorization): Schemes {
  switch (authorization.type) {
    case 'iam':
      return { sigv4: SIGV4 };
    case 'jwt':
      return { jwt: BEARER };
    case 'lambda':
      return Object.fromEntries(
        authorization.identityHeaders.map((name) => [
          `header-${name.toLowerCase()}`,
          { type: 'apiKey', name, in: 'header', description: PRINCIPAL },
        ]),
      );
  }
}
