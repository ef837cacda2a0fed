import type { GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput } from '@aws-sdk/client-sts';
import { operation, type Caller, type Service } from '../../core/service.ts';
import type { World } from '../../core/world.ts';

/** STS knows who calls: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export function createSts(world: World): { readonly service: Service } {
  const getCallerIdentity = operation<GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput>(
    () => [],
    (_input, { caller }) => ({ UserId: userId(caller), Account: world.account, Arn: caller.arn }),
  );
  return { service: { id: 'sts', operations: { GetCallerIdentity: getCallerIdentity } } };
}

/** `AROA…:session` of an assumed role, `AIDA…` of a user: made of the name, so the same in every run. */
function userId({ kind, arn }: Caller): string {
  const [, name = arn, session] = arn.split('/');
  const unique = name
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .padEnd(17, '0')
    .slice(0, 17);
  return kind === 'operator' ? `AIDA${unique}` : `AROA${unique}:${session ?? name}`;
}
