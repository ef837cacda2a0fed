import type { GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput } from '@aws-sdk/client-sts';
import { operation, type Service } from '../../core/service.ts';
import { uniqueId } from '../../core/unique-id.ts';
import type { World } from '../../core/world.ts';

/** STS knows who calls: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export function createSts(world: World): { readonly service: Service } {
  const getCallerIdentity = operation<GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput>(
    () => [],
    (_input, { caller }) => ({ UserId: uniqueId(caller), Account: world.account, Arn: caller.arn }),
  );
  return { service: { id: 'sts', operations: { GetCallerIdentity: getCallerIdentity } } };
}
