import { AwsError } from '../../core/aws-error.ts';
import type { Caller } from '../../core/service.ts';
import type { NamedPolicy } from './roles.ts';

/** An IAM user with its inline policies. */
export interface User {
  readonly name: string;
  readonly arn: string;
  readonly policies: readonly NamedPolicy[];
}

/** The users of the account, which come from the fleet file. */
export class Users {
  readonly #users = new Map<string, User>();
  readonly #account: string;

  constructor(account: string) {
    this.#account = account;
  }

  add(name: string, policies: readonly NamedPolicy[]): Caller {
    const arn = `arn:aws:iam::${this.#account}:user/${name}`;
    if (this.#users.has(name)) throw new AwsError('EntityAlreadyExists', `User with name ${name} already exists.`, 409);
    this.#users.set(name, { name, arn, policies });
    return { kind: 'user', arn, userName: name };
  }

  /** @throws AwsError NoSuchEntity */
  get(name: string): User {
    const user = this.#users.get(name);
    if (user === undefined) throw new AwsError('NoSuchEntity', `The user with name ${name} cannot be found.`, 404);
    return user;
  }
}
