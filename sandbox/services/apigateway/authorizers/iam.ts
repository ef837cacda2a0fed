import type { Credentials, Session } from '../../../core/credentials.ts';
import { uniqueId } from '../../../core/unique-id.ts';
import type { World } from '../../../core/world.ts';
import { SignatureError, verifySignature } from '../../../wire/signature.ts';
import type { Iam } from '../../iam/index.ts';
import type { Authorize, GatewayRequest, Refused } from '../authorization.ts';

export interface IamAuthorization {
  readonly world: Pick<World, 'account' | 'region' | 'clock'>;
  readonly credentials: Credentials;
  readonly iam: Pick<Iam, 'refusal'>;
}

/** An HTTP API says no more than this, whatever is wrong; a REST API would tell the client. */
const forbidden = (errorType: string): Refused => ({ allowed: false, status: 403, message: 'Forbidden', errorType });

/**
 * Routes with AWS_IAM: the request is signed in its Authorization header for the service execute-api, and its caller may
 * do execute-api:Invoke on the route. A missing, invalid or expired signature, an unknown key and a policy that says no
 * are all 403 Forbidden; the access log tells them apart.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html
 */
export function iamAuthorization({ world, credentials, iam }: IamAuthorization): Authorize {
  const now = world.clock.shared === undefined ? () => world.clock.now() : () => undefined; // virtual time is not the client's
  const expected = { credentials, service: 'execute-api', region: world.region };
  return async (request) => {
    let session: Session;
    try {
      session = verifySignature({ ...request, rawQuery: request.query }, { ...expected, now: now() });
    } catch (error) {
      if (error instanceof SignatureError) return forbidden(error.message);
      throw error;
    }
    const { caller } = session;
    const permission = { action: 'execute-api:Invoke', resource: request.routeArn, context: contextOf(request) };
    const reason = await iam.refusal(caller, permission);
    if (reason !== undefined)
      return forbidden(
        `User: ${caller.arn} is not authorized to perform: execute-api:Invoke on resource: ${request.routeArn}`,
      );
    return { allowed: true, authorizer: { iam: identityOf(session, world.account) }, principal: caller.arn };
  };
}

const contextOf = ({ sourceIp, headers }: GatewayRequest): Record<string, string> => ({
  'aws:SourceIp': sourceIp,
  ...(headers['user-agent'] !== undefined && { 'aws:UserAgent': headers['user-agent'] }),
});

const identityOf = ({ accessKeyId, caller }: Session, accountId: string): Readonly<Record<string, string | null>> => ({
  accessKey: accessKeyId,
  accountId,
  callerId: uniqueId(caller),
  cognitoIdentity: null,
  principalOrgId: null,
  userArn: caller.arn,
  userId: uniqueId(caller),
});
