import { ref } from './schemas.ts';
import type { Authorization } from './security.ts';
import type { MediaType } from './types.ts';

/** An answer of API Gateway's own. */
export interface GatewayAnswer {
  readonly when: string;
  readonly message: string;
}

const REFUSED: Readonly<Record<Authorization['type'], Readonly<Record<number, GatewayAnswer>>>> = {
  iam: { 403: { when: 'the signature is missing or wrong, or IAM does not allow the route', message: 'Forbidden' } },
  jwt: {
    401: { when: 'there is no token, or it is not valid', message: 'Unauthorized' },
    403: { when: 'the token has none of the scopes that the route asks for', message: 'Forbidden' },
  },
  lambda: {
    401: { when: 'a header is missing that the authorizer asks for', message: 'Unauthorized' },
    403: { when: 'the authorizer says no', message: 'Forbidden' },
  },
};

const ALWAYS: Readonly<Record<number, GatewayAnswer>> = {
  413: { when: 'the body is larger than 10 MB, or than what Lambda takes', message: 'Request Entity Too Large' },
  429: { when: 'there are more requests than the stage lets in', message: 'Too Many Requests' },
  500: { when: 'the function failed without an answer', message: 'Internal Server Error' },
  503: { when: 'the function is throttled, or took more than 30 seconds', message: 'Service Unavailable' },
};

/**
 * What API Gateway answers by itself, by status; the words are AWS's and cannot be changed for an HTTP API.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting.html
 */
export const gatewayAnswers = ({ type }: Authorization): Readonly<Record<number, GatewayAnswer>> => ({
  ...REFUSED[type],
  ...ALWAYS,
});

export const gatewayMedia = ({ message }: GatewayAnswer): Readonly<Record<string, MediaType>> => ({
  'application/json': {
    schema: ref('GatewayMessage'),
    examples: { gateway: { value: { message } } },
  },
});
