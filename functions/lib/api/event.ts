import * as z from '../zod.ts';

const Texts = z._default(z.record(z.string(), z.optional(z.string())), {});

/** As much of an HTTP API's event as we use. Source: API Gateway, "Lambda proxy integrations", payload format 2.0. */
export const HttpEvent = z.looseObject({
  routeKey: z.string(),
  rawPath: z.string(),
  headers: Texts,
  queryStringParameters: Texts,
  pathParameters: Texts,
  body: z.optional(z.string()),
  isBase64Encoded: z._default(z.boolean(), false),
  requestContext: z.looseObject({
    requestId: z.string(),
    timeEpoch: z.number(),
    authorizer: z.optional(
      z.looseObject({
        iam: z.optional(z.looseObject({ userArn: z.string() })),
        jwt: z.optional(
          z.looseObject({ claims: z.looseObject({ iss: z.optional(z.string()), sub: z.optional(z.string()) }) }),
        ),
        lambda: z.optional(z.nullable(z.looseObject({ principalId: z.optional(z.unknown()) }))),
      }),
    ),
  }),
});
export type HttpEvent = z.infer<typeof HttpEvent>;

/**
 * Who asks: the ARN of an IAM caller, `issuer|subject` of a token, or what a Lambda authorizer says. Throws where nobody
 * can be told, because idempotency keys are each caller's own.
 */
export function callerOf({ requestContext: { authorizer } }: HttpEvent): string {
  if (authorizer?.iam !== undefined) return authorizer.iam.userArn;
  const { iss, sub } = authorizer?.jwt?.claims ?? {};
  if (iss !== undefined && sub !== undefined) return `${iss}|${sub}`;
  const principalId = authorizer?.lambda?.principalId;
  if (typeof principalId === 'string' && principalId !== '') return principalId;
  throw new Error(
    'nobody can be told to be the caller: a token needs iss and sub, the context of a Lambda authorizer a principalId',
  );
}
