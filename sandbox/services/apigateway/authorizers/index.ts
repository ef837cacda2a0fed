import type { Credentials } from '../../../core/credentials.ts';
import type { World } from '../../../core/world.ts';
import type { Iam } from '../../iam/index.ts';
import type { Authorize, Authorizer, Authorizers, RouteAuthorization } from '../authorization.ts';
import { badRequest } from '../errors.ts';
import { iamAuthorization } from './iam.ts';
import type { Jwks } from './jwks.ts';
import { jwtAuthorizer } from './jwt.ts';
import { lambdaAuthorizer } from './lambda.ts';
import type { AuthorizerProperties } from './properties.ts';

export { readJwks, type Jwks } from './jwks.ts';

interface Dependencies {
  readonly credentials: Credentials;
  readonly iam: Pick<Iam, 'refusal' | 'allowedBy'>;
  /** The keys of the issuers that JWT authorizers trust. */
  readonly jwks: Jwks;
}

const open: Authorize = () => Promise.resolve({ allowed: true, authorizer: undefined, principal: '' });

/** How HTTP APIs tell who may call which route. */
export function createAuthorizers(
  world: World,
  { credentials, iam, jwks }: Dependencies,
): Authorizers<AuthorizerProperties> {
  const signed = iamAuthorization({ world, credentials, iam });
  return {
    create: (properties, id) =>
      properties.AuthorizerType === 'JWT'
        ? jwtAuthorizer(properties, { world, jwks })
        : lambdaAuthorizer(properties, id, { world, iam }),
    ofRoute: ({ type, scopes = [], authorizer }) => {
      if (type !== 'JWT' && scopes.length > 0)
        throw badRequest(
          'Invalid Route authorization type specified. Authorization Scopes are only valid for COGNITO_USER_POOLS and JWT authorization types',
        );
      if (type === 'JWT') return matching('JWT', authorizer).forRoute(scopes);
      if (type === 'CUSTOM') return matching('REQUEST', authorizer).forRoute(scopes);
      if (authorizer !== undefined)
        throw badRequest(`Authorizers are only valid for CUSTOM and JWT authorization types, not for ${type}`);
      return type === 'AWS_IAM' ? signed : open;
    },
  };
}

function matching(type: Authorizer['type'], authorizer: RouteAuthorization['authorizer']): Authorizer {
  if (authorizer === undefined) throw badRequest('Invalid authorizer ID specified. It should not be empty.');
  if (authorizer.type === type) return authorizer;
  throw badRequest(`Invalid authorizer type specified: the route needs ${type}, the authorizer is ${authorizer.type}`);
}
