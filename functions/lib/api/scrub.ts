/** Names of roles and sessions may hold commas; one at a word's end is the sentence's. */
const PRINCIPAL = /arn:aws[\w-]*:(?:iam|sts)::\d*:(?:[^\s"',;)]|,(?=[^\s"',;)]))+/g;

/** Text without the ARNs of roles and users: AWS's own messages name who was refused. */
export const withoutPrincipals = (text: string): string => text.replaceAll(PRINCIPAL, '(a principal of this account)');
