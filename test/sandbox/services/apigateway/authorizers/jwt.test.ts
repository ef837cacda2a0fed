import { beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import type { Authorizer } from '../../../../../sandbox/services/apigateway/authorization.ts';
import { stage } from './support.ts';

const ISSUER = 'https://issuer.example/';
const PROPERTIES = {
  AuthorizerType: 'JWT',
  IdentitySource: ['$request.header.Authorization'],
  JwtConfiguration: { Issuer: ISSUER, Audience: ['fleet', 'other'] },
};

let at: Awaited<ReturnType<typeof stage>>;
let authorizer: Authorizer;
const keys: Record<string, CryptoKey> = {};
let now = 0;

beforeAll(async () => {
  const [rsa, stranger, curve] = await Promise.all([
    generateKeyPair('RS256'),
    generateKeyPair('RS256'),
    generateKeyPair('ES256'),
  ]);
  Object.assign(keys, { rsa: rsa.privateKey, stranger: stranger.privateKey, curve: curve.privateKey });
  const jwks = {
    keys: [
      { ...(await exportJWK(rsa.publicKey)), kid: 'one', use: 'sig' },
      { ...(await exportJWK(curve.publicKey)), kid: 'curve' },
    ],
  };
  at = await stage({ jwks: { [ISSUER]: jwks } });
  authorizer = at.create(PROPERTIES);
  now = at.world.clock.now() / 1000;
});

const claims = (change: JWTPayload = {}): JWTPayload => ({
  iss: ISSUER,
  aud: 'fleet',
  sub: 'someone',
  iat: now - 60,
  nbf: now - 60,
  exp: now + 60,
  ...change,
});

const sign = (payload: JWTPayload, header: object = {}, key = 'rsa'): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'one', ...header }).sign(keys[key] as CryptoKey);

const ask = (token: string | undefined, scopes: readonly string[] = []) =>
  at.ask({ type: 'JWT', authorizer, scopes }, { rawHeaders: token === undefined ? [] : ['Authorization', token] });

const invalid = (description: string, scope = '') => ({
  allowed: false,
  status: 401,
  message: 'Unauthorized',
  headers: { 'www-authenticate': `Bearer scope="${scope}" error="invalid_token" error_description="${description}"` },
  errorType: `invalid_token: ${description}`,
});

describe('JWT', () => {
  it('takes a good token, with Bearer or without, and hands its claims on as text', async () => {
    const payload = claims({ groups: ['a', 'b'], level: 3, admin: true, nested: { b: 1, a: null }, scope: 'read' });
    const token = await sign(payload);
    const answer = await ask(`Bearer ${token}`);
    expect(answer).toEqual({
      allowed: true,
      principal: `${ISSUER}|someone`,
      authorizer: {
        jwt: {
          claims: {
            ...{ iss: ISSUER, aud: 'fleet', sub: 'someone', scope: 'read' },
            ...{ iat: String(now - 60), nbf: String(now - 60), exp: String(now + 60) },
            ...{ groups: '[a b]', level: '3', admin: 'true', nested: 'map[a:<nil> b:1]' },
          },
          scopes: null,
        },
      },
    });
    expect(await ask(token)).toEqual(answer);
  });

  it('asks for a token', async () => {
    const missing = {
      ...{ allowed: false, status: 401, message: 'Unauthorized', errorType: 'missing: token not provided' },
      headers: { 'www-authenticate': 'Bearer' },
    };
    expect(await ask(undefined)).toEqual(missing);
    expect(await ask('')).toEqual(missing);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['token contains an invalid number of segments', () => 'not-a-token'],
    ['the token is malformed', () => 'a.b.c'],
    ['the signature is invalid', () => sign(claims(), {}, 'stranger')],
    ['no key of the issuer has the key id of the token', () => sign(claims(), { kid: 'two' })],
    ['the token has no key id', () => sign(claims(), { kid: undefined })],
    ['the signing method is not supported', () => sign(claims(), { alg: 'ES256', kid: 'curve' }, 'curve')],
    ['the token has expired', () => sign(claims({ exp: now }))],
    ['the claim exp is missing or invalid', () => sign(claims({ exp: undefined }))],
    ['the token is not valid yet', () => sign(claims({ nbf: now + 1 }))],
    ['the token was used before it was issued', () => sign(claims({ iat: now + 1 }))],
    ['issuer does not match', () => sign(claims({ iss: 'https://issuer.example' }))],
    ['the token does not have a valid audience', () => sign(claims({ aud: 'fleets' }))],
    ['the token does not have a valid audience', () => sign(claims({ aud: 'nobody', client_id: 'fleet' }))],
    ['the token does not have a valid audience', () => sign(claims({ aud: undefined }))],
  ])('refuses: %s', async (description, token) => expect(await ask(await token())).toEqual(invalid(description)));

  it('refuses a token that is not signed, or with its parts exchanged', async () => {
    const [header = '', payload = '', signature = ''] = (await sign(claims())).split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', kid: 'one' })).toString('base64url');
    expect(await ask(`${none}.${payload}.`)).toMatchObject({ status: 401 });
    const other = Buffer.from(JSON.stringify(claims({ sub: 'somebody else' }))).toString('base64url');
    expect(await ask(`${header}.${other}.${signature}`)).toEqual(invalid('the signature is invalid'));
  });

  it('takes one audience of many, and client_id where there is none', async () => {
    expect(await ask(await sign(claims({ aud: ['x', 'other'] })))).toMatchObject({ allowed: true });
    expect(await ask(await sign(claims({ aud: undefined, client_id: 'fleet' })))).toMatchObject({ allowed: true });
  });

  it('wants one of the scopes of the route, from scope or scp', async () => {
    const route = ['runs/write', 'admin'];
    const scopes = async (change: JWTPayload) => ask(await sign(claims(change)), route);
    expect(await scopes({ scope: 'read admin' })).toMatchObject({ authorizer: { jwt: { scopes: ['admin'] } } });
    expect(await scopes({ scp: ['runs/write', 'x'] })).toMatchObject({
      authorizer: { jwt: { scopes: ['runs/write'] } },
    });
    for (const change of [{}, { scope: '' }, { scope: 'runs' }, { scope: 7 }, { scp: ['runs/write admin2'.slice(4)] }])
      expect(await scopes(change)).toEqual({
        ...{ allowed: false, status: 403, message: 'Forbidden', errorType: 'insufficient_scope' },
        headers: { 'www-authenticate': 'Bearer scope="runs/write admin" error="insufficient_scope"' },
      });
    const late = await sign(claims({ exp: now, scope: 'admin' }));
    expect(await ask(late, route)).toEqual(invalid('the token has expired', 'runs/write admin'));
  });

  it('goes by the world’s clock', async () => {
    const other = await stage({ jwks: { [ISSUER]: { keys: [] } } });
    expect(other.world.clock.now()).toBe(now * 1000);
    const token = await sign(claims({ exp: now + 0.001 }));
    expect(await ask(token)).toMatchObject({ allowed: true });
  });

  it('is refused at load without the issuer’s keys, saying what to do', () => {
    const Issuer = 'https://unknown.example';
    const properties = { ...PROPERTIES, JwtConfiguration: { Issuer, Audience: ['x'] } };
    expect(() => at.create(properties)).toThrow(
      "The JWT authorizer authorizer trusts https://unknown.example, whose keys the sandbox does not fetch. Give it a file with the issuer's JWKS: --jwks https://unknown.example=FILE",
    );
  });

  it.each([
    [{ JwtConfiguration: undefined }, 'JwtConfiguration is a required parameter'],
    [{ IdentitySource: [] }, 'takes one identity source'],
    [{ IdentitySource: ['$request.header.A', '$request.header.B'] }, 'takes one identity source'],
    [{ IdentitySource: ['$context.stage'] }, 'takes one identity source'],
    [{ IdentitySource: ['$request.body'] }, 'Invalid mapping expression'],
  ])('refuses %j', (change, message) => expect(() => at.create({ ...PROPERTIES, ...change })).toThrow(message));
});
