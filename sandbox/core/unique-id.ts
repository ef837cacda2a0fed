import type { Caller } from './service.ts';

/**
 * The id that IAM gives a caller: `AROA…:session` of an assumed role, `AIDA…` of a user. Made of the name, so the same in
 * every run. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function uniqueId({ kind, arn }: Caller): string {
  const [, name = arn, session] = arn.split('/');
  const unique = name
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .padEnd(17, '0')
    .slice(0, 17);
  return kind === 'operator' || kind === 'user' ? `AIDA${unique}` : `AROA${unique}:${session ?? name}`;
}
