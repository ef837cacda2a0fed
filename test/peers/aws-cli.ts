import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedAws } from '../../cli/lib/embedded-aws.ts';
import { run, type Ended } from './run.ts';

export const AWS_CLI = '.venv/bin/aws';

const POLL_MILLISECONDS = 500;
const PATIENCE_MILLISECONDS = 45_000;

/** The AWS CLI as a client of the embedded AWS. */
export class AwsCli {
  readonly aws: EmbeddedAws;
  readonly #env: NodeJS.ProcessEnv;

  constructor(aws: EmbeddedAws) {
    this.aws = aws;
    this.#env = {
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_DEFAULT_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
    };
  }

  /** Value of a stack output. */
  output(name: string): string {
    const value = this.aws.outputs[name];
    assert(value !== undefined, `the stacks have no output ${name}`);
    return value;
  }

  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return run(AWS_CLI, args, { ...this.#env, ...env });
  }

  /** What a command that must succeed prints as text. */
  async text(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    assert.equal(code, 0, `aws ${args.join(' ')} ended with ${String(code)}: ${stderr.trim()}`);
    return stdout;
  }

  /** What a command that must succeed answers, parsed. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.text(...args, '--output', 'json')) as T;
  }

  /** A command that must fail with an error of this code, and say `message` about it. */
  async refused(
    errorCode: string,
    message: RegExp,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<void> {
    const { code, stdout, stderr } = await this.run(args, env);
    assert(code !== 0, `aws ${args.join(' ')} succeeded: ${stdout}`);
    const [, given, said = ''] =
      /An error occurred \(([^)]+)\) when calling the \w+ operation(?:[^:]*): ?([^]*)/.exec(stderr) ?? [];
    assert.equal(given, errorCode, `aws ${args.join(' ')} said: ${stderr.trim()}`);
    assert.match(said, message);
  }

  /** Asks until the answer is `done`; fails when that takes too long. */
  async until<T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
    const deadline = Date.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      const answer = await ask();
      if (done(answer)) return answer;
      assert(
        Date.now() < deadline,
        `still waiting after ${PATIENCE_MILLISECONDS} ms; the last answer: ${JSON.stringify(answer)}`,
      );
      await sleep(POLL_MILLISECONDS);
    }
  }
}
