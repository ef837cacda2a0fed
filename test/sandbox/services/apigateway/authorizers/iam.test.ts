import { beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { OPERATOR, type Session } from '../../../../../sandbox/core/credentials.ts';
import { postman, smithy, type Plain } from '../../../wire/signers.ts';
import { allow, API, stage } from './support.ts';

const ANY = 'arn:aws:execute-api:*:*:*/*';
let at: Awaited<ReturnType<typeof stage>>;
let auditor: Session;

beforeAll(async () => {
  at = await stage({ real: true });
  auditor = await at.addUser('auditor', allow([`${ANY}/GET/executions`, `${ANY}/GET/executions/*`]));
});

const get: Plain = {
  method: 'GET',
  host: '127.0.0.1:4601',
  segments: ['executions'],
  query: [],
  headers: {},
  body: '',
};

async function call(session: Session, change: Partial<Plain> = {}, signing: object = {}) {
  const plain = { ...get, ...change };
  const options = { session, service: 'execute-api', region: 'eu-central-1', time: at.world.clock.now(), ...signing };
  const { rawQuery, ...signed } = await postman(plain, options);
  const path = `/${plain.segments.join('/')}`;
  const routeArn = `arn:aws:execute-api:eu-central-1:123456789012:${API}/$default/${plain.method}${path}`;
  return at.ask({ type: 'AWS_IAM' }, { ...signed, query: rawQuery, routeArn });
}

const forbidden = (errorType: unknown) => ({ allowed: false, status: 403, message: 'Forbidden', errorType });

describe('AWS_IAM', () => {
  it('lets the operator do everything, and tells the function who calls', async () => {
    expect(await call(OPERATOR, { method: 'POST', segments: ['run-commands'], body: '{}' })).toEqual({
      allowed: true,
      principal: 'arn:aws:iam::123456789012:user/operator',
      authorizer: {
        iam: {
          accessKey: OPERATOR.accessKeyId,
          accountId: '123456789012',
          callerId: 'AIDAOPERATOR000000000',
          cognitoIdentity: null,
          principalOrgId: null,
          userArn: 'arn:aws:iam::123456789012:user/operator',
          userId: 'AIDAOPERATOR000000000',
        },
      },
    });
  });

  it('lets a user do what a policy allows: by method and path', async () => {
    expect(await call(auditor)).toMatchObject({ allowed: true, principal: 'arn:aws:iam::123456789012:user/auditor' });
    expect(await call(auditor, { segments: ['executions', 'run-command.x'] })).toMatchObject({ allowed: true });
    const refused = await call(auditor, { method: 'POST', segments: ['run-commands'] });
    expect(refused).toEqual(
      forbidden(expect.stringContaining('user/auditor is not authorized to perform: execute-api:Invoke')),
    );
    expect(await call(auditor, { method: 'POST' })).toMatchObject({ allowed: false });
    expect(await call(auditor, { segments: ['executionsx'] })).toMatchObject({ allowed: false });
  });

  it('lets an explicit deny win', async () => {
    const careful = await at.addUser('careful', allow(`${ANY}/*`), allow(`${ANY}/GET/executions/secret`, 'Deny'));
    expect(await call(careful)).toMatchObject({ allowed: true });
    expect(await call(careful, { segments: ['executions', 'secret'] })).toMatchObject({ allowed: false });
  });

  it('decides about every path that a request may have', async () => {
    const { caller } = await at.addUser('wild', allow(`${ANY}/*`), allow(`${ANY}/GET/no/*`, 'Deny'));
    const resource = (path: string) => `arn:aws:execute-api:eu-central-1:123456789012:${API}/$default/GET/${path}`;
    const reason = (path: string) => at.iam.refusal(caller, { action: 'execute-api:Invoke', resource: resource(path) });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 10 }), async (path) => {
        expect(await reason(`yes/${path}`)).toBeUndefined();
        expect(await reason(`no/${path}`)).toBe('identity-explicit');
      }),
      { examples: [['\n'], ['*'], ['?'], [':'], ['${aws:username}']] },
    );
  });

  it('tells its policies who asks and from where', async () => {
    const document = (Condition: object) =>
      ({
        ...allow(`${ANY}/*`),
        Statement: allow(`${ANY}/*`).Statement.map((each) => ({ ...each, Condition })),
      }) as never;
    const named = await at.addUser('named', document({ StringEquals: { 'aws:username': 'named' } }));
    expect(await call(named)).toMatchObject({ allowed: true });
    const local = await at.addUser('local', document({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }));
    expect(await call(local)).toMatchObject({ allowed: false });
  });

  it('says no more than Forbidden to unsigned, wrongly signed, late and unknown callers', async () => {
    expect(await at.ask({ type: 'AWS_IAM' })).toEqual(forbidden('Missing Authentication Token'));
    const wrong = { ...auditor, secretAccessKey: 'guessed' };
    expect(await call(wrong)).toEqual(forbidden(expect.stringContaining('does not match the signature you provided')));
    const unknown = { ...auditor, accessKeyId: 'AKIANOBODY0000000000' };
    expect(await call(unknown)).toEqual(forbidden('The security token included in the request is invalid.'));
    const late = { time: at.world.clock.now() - 301_000 };
    expect(await call(auditor, {}, late)).toEqual(forbidden(expect.stringContaining('Signature expired')));
    expect(await call(auditor, {}, { service: 'lambda' })).toEqual(
      forbidden("Credential should be scoped to correct service: 'execute-api'. "),
    );
    expect(await at.ask({ type: 'AWS_IAM' }, { query: 'X-Amz-Signature=0' })).toMatchObject({ status: 403 });
  });

  it('does not hold clients to a time that is virtual', async () => {
    const virtual = await stage();
    const { rawQuery: query, ...signed } = await smithy(get, {
      ...{ session: OPERATOR, service: 'execute-api', region: 'eu-central-1', time: Date.UTC(2031, 1, 1) },
    });
    expect(await virtual.ask({ type: 'AWS_IAM' }, { ...signed, query })).toMatchObject({ allowed: true });
  });
});
