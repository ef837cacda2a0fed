import { createLocalJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { World } from '../../../core/world.ts';
import type { Authorize, Authorized, Authorizer, Refused } from '../authorization.ts';
import { badRequest } from '../errors.ts';
import { claimText, scopesOf } from './claims.ts';
import { identitySource } from './identity-source.ts';
import type { Jwks } from './jwks.ts';
import type { AuthorizerProperties } from './properties.ts';

interface Dependencies {
  readonly world: Pick<World, 'clock'>;
  readonly jwks: Jwks;
}

const ALGORITHMS = ['RS256', 'RS384', 'RS512'];

/** Why a token does not count, in the words of the header www-authenticate. */
class InvalidToken extends Error {}

const refuse = (status: number, message: string, challenge: string, errorType: string): Refused => ({
  allowed: false,
  status,
  message,
  headers: { 'www-authenticate': challenge },
  errorType,
});

/**
 * A JWT authorizer: signature by the issuer's key with the token's kid, then iss, aud (or client_id), exp, nbf and iat,
 * then one of the route's scopes. Only RSA. The keys come from a local JWKS; nothing is fetched.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 * @throws Error where no JWKS is given for the issuer, AwsError BadRequestException
 */
export function jwtAuthorizer(properties: AuthorizerProperties, { world, jwks }: Dependencies): Authorizer {
  const { Name, JwtConfiguration: configuration, IdentitySource } = properties;
  const [source, another] = IdentitySource;
  if (configuration === undefined) throw badRequest('JwtConfiguration is a required parameter for JWT authorizers');
  if (source === undefined || another !== undefined || !source.startsWith('$request.'))
    throw badRequest('A JWT authorizer takes one identity source, a header or a query string parameter');
  const token = identitySource(source);
  const verify = verifier(Name, configuration, jwks);

  const forRoute = (scopes: readonly string[]): Authorize => {
    const scope = `scope="${scopes.join(' ')}"`;
    return async (request) => {
      const given = token(request)?.replace(/^Bearer +/i, '');
      if (given === undefined) return refuse(401, 'Unauthorized', 'Bearer', 'missing: token not provided');
      try {
        const claims = await world.clock.during(() => verify(given, world.clock.date()));
        return (
          scoped(claims, scopes) ??
          refuse(403, 'Forbidden', `Bearer ${scope} error="insufficient_scope"`, 'insufficient_scope')
        );
      } catch (error) {
        if (!(error instanceof InvalidToken)) throw error;
        const challenge = `Bearer ${scope} error="invalid_token" error_description="${error.message}"`;
        return refuse(401, 'Unauthorized', challenge, `invalid_token: ${error.message}`);
      }
    };
  };
  return { type: 'JWT', forRoute };
}

/** Undefined where the token has none of the scopes that the route asks for. */
function scoped(claims: JWTPayload, asked: readonly string[]): Authorized | undefined {
  const granted = scopesOf(claims).filter((scope) => asked.includes(scope));
  if (asked.length > 0 && granted.length === 0) return undefined;
  const texts = Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, claimText(value)]));
  const jwt = { claims: texts, scopes: asked.length === 0 ? null : granted };
  return { allowed: true, authorizer: { jwt }, principal: `${claims.iss ?? ''}|${claims.sub ?? ''}` };
}

type Verify = (token: string, now: Date) => Promise<JWTPayload>;

function verifier(
  name: string,
  { Issuer: issuer, Audience }: NonNullable<AuthorizerProperties['JwtConfiguration']>,
  jwks: Jwks,
): Verify {
  const keys = Object.hasOwn(jwks, issuer) ? jwks[issuer] : undefined;
  if (keys === undefined)
    throw new Error(
      `The JWT authorizer ${name} trusts ${issuer}, whose keys the sandbox does not fetch. Give it a file with the issuer's JWKS: --jwks ${issuer}=FILE (createSandbox: the option jwks).`,
    );
  const select = createLocalJWKSet(keys);
  const keyOf: JWTVerifyGetKey = (header, jws) => {
    if (header.kid === undefined) throw new InvalidToken('the token has no key id');
    return select(header, jws);
  };
  return async (token, now) => {
    if (token.split('.').length !== 3) throw new InvalidToken('token contains an invalid number of segments');
    const options = { algorithms: ALGORITHMS, issuer, currentDate: now, requiredClaims: ['exp'] };
    const { payload } = await jwtVerify(token, keyOf, options).catch((error: unknown) => {
      throw error instanceof errors.JOSEError ? new InvalidToken(described(error)) : error;
    });
    if (payload.iat !== undefined && payload.iat * 1000 > now.getTime())
      throw new InvalidToken('the token was used before it was issued');
    // client_id counts only where there is no aud
    const audience = [payload.aud ?? payload['client_id']].flat();
    if (!audience.some((each) => typeof each === 'string' && Audience.includes(each)))
      throw new InvalidToken('the token does not have a valid audience');
    return payload;
  };
}

function described(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return 'issuer does not match';
    return error.claim === 'nbf' ? 'the token is not valid yet' : `the claim ${error.claim} is missing or invalid`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the signing method is not supported';
  if (error instanceof errors.JWKSNoMatchingKey) return 'no key of the issuer has the key id of the token';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature is invalid';
  return 'the token is malformed';
}
