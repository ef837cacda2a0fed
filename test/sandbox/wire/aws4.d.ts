/** aws4 ships no types; this is the part of it that the tests use. */
declare module 'aws4' {
  interface Request {
    readonly method: string;
    readonly host: string;
    readonly path: string;
    readonly service: string;
    readonly region: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Buffer;
    readonly signQuery?: boolean;
  }
  interface Keys {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  }
  const aws4: {
    sign(request: Request, keys: Keys): { readonly path: string; readonly headers: Readonly<Record<string, string>> };
  };
  export = aws4;
}
