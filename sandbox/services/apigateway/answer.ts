/** What goes out to the client, before its length and the id of the request are added. */
export interface ApiAnswer {
  readonly status: number;
  /** In lower case; repeated ones (`set-cookie`) as a list. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

/** What API Gateway says itself. */
export const gatewayAnswer = (
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify({ message })),
});

const bodiless = (method: string, status: number): boolean => method === 'HEAD' || status === 204 || status === 304;

/** The answer as it is sent: with the length of its body, and without the body where HTTP wants none. */
export function finished(method: string, { status, headers, body }: ApiAnswer): ApiAnswer {
  const sized = { ...headers, ...(status !== 204 && status !== 304 && { 'content-length': String(body.length) }) };
  return { status, headers: sized, body: bodiless(method, status) ? Buffer.alloc(0) : body };
}
