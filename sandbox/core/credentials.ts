import type { Scope } from '../clock/clock.ts';
import type { Caller } from './service.ts';

/** What an access key stands for. The last two are of the Lambda invocation that holds the key at the moment. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly caller: Caller;
  executionArn?: string | undefined;
  scope?: Scope | undefined;
}

/** The access keys that the sandbox knows. The caller of a request is told by its key. */
export class Credentials {
  readonly #sessions = new Map<string, Session>();

  add(session: Session): Session {
    this.#sessions.set(session.accessKeyId, session);
    return session;
  }

  remove(accessKeyId: string): void {
    this.#sessions.delete(accessKeyId);
  }

  find(accessKeyId: string): Session | undefined {
    return this.#sessions.get(accessKeyId);
  }
}

/** The person at the CLI. Not a secret: the sandbox listens on 127.0.0.1 and holds nothing of value. */
export const OPERATOR: Session = {
  accessKeyId: 'AKIASANDBOXOPERATOR0',
  secretAccessKey: 'sandbox',
  caller: { kind: 'operator', arn: 'arn:aws:iam::123456789012:user/operator' },
};
