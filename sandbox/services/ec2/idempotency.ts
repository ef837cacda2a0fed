import { AwsError } from '../../core/aws-error.ts';

/** Answers a request that comes again under its client token as the first time ("Ensuring idempotency", EC2 API reference). */
export class Idempotency<T> {
  readonly #made = new Map<string, { readonly parameters: string; readonly result: T }>();

  /** What the token's first request made. @throws AwsError IdempotentParameterMismatch for other parameters */
  find({ ClientToken: token, ...rest }: { readonly ClientToken?: string | undefined }): T | undefined {
    const made = token === undefined || token === '' ? undefined : this.#made.get(token);
    if (made !== undefined && made.parameters !== parametersOf(rest))
      throw new AwsError(
        'IdempotentParameterMismatch',
        'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
      );
    return made?.result;
  }

  remember({ ClientToken: token, ...rest }: { readonly ClientToken?: string | undefined }, result: T): T {
    if (token !== undefined && token !== '') this.#made.set(token, { parameters: parametersOf(rest), result });
    return result;
  }
}

function parametersOf(input: object): string {
  const given = Object.entries(input).filter(([name]) => name !== 'DryRun');
  return JSON.stringify(given.sort(([one], [other]) => (one < other ? -1 : 1)));
}
