import { notImplemented } from '../../../core/aws-error.ts';
import type { GatewayRequest } from '../authorization.ts';
import { badRequest } from '../errors.ts';

/** Where a request says who it comes from. Undefined where it does not, or with nothing. */
export type IdentitySource = (request: GatewayRequest) => string | undefined;

const CONTEXT: Readonly<Record<string, (request: GatewayRequest) => string>> = {
  apiId: ({ apiId }) => apiId,
  domainName: ({ domainName }) => domainName,
  httpMethod: ({ method }) => method,
  'identity.sourceIp': ({ sourceIp }) => sourceIp,
  requestId: ({ requestId }) => requestId,
  routeKey: ({ routeKey }) => routeKey,
  stage: ({ stage }) => stage,
};

function reader(text: string): (request: GatewayRequest) => string | null | undefined {
  const [, kind, name = ''] =
    /^\$(request\.header|request\.querystring|context|stageVariables)\.(.+)$/.exec(text) ?? [];
  switch (kind) {
    case 'request.header':
      return ({ headers }) => [headers[name.toLowerCase()]].flat().join(',');
    case 'request.querystring':
      return ({ query }) => new URLSearchParams(query).getAll(name).join(',');
    case 'stageVariables':
      return ({ stageVariables }) => stageVariables[name];
    case 'context': {
      const read = Object.hasOwn(CONTEXT, name) ? CONTEXT[name] : undefined;
      if (read === undefined) throw notImplemented(`the identity source ${text}`);
      return read;
    }
    default:
      throw badRequest(`Invalid mapping expression specified: ${text}`);
  }
}

/** Parses `$request.header.Authorization` and its like. @throws AwsError BadRequestException, NotImplemented */
export function identitySource(text: string): IdentitySource {
  const read = reader(text);
  return (request) => {
    const value = read(request) ?? '';
    return value === '' ? undefined : value;
  };
}
