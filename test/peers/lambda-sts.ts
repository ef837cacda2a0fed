import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsCli } from './aws-cli.ts';
import type { Check } from './checks.ts';

interface LambdaError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** What validate-target is given by run-command; see docs/architecture.md. */
const badRequest = {
  execution: {
    arn: 'arn:aws:states:eu-central-1:123456789012:execution:machine:name',
    name: 'name',
    runbook: 'run-command',
  },
  request: { instanceId: 'web-1', commands: [], typo: true },
};

/** Lambda, in REST with JSON, and STS, in the Query protocol. */
export async function lambdaAndSts(check: Check, cli: AwsCli): Promise<void> {
  await check('lambda invoke runs the shipped function, which refuses bad input as InvalidRequest', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'peers-'));
    try {
      const answer = await cli.json<{ StatusCode: number; FunctionError?: string }>(
        ...['lambda', 'invoke', '--function-name', cli.output('ValidateTargetFunctionName')],
        ...['--payload', JSON.stringify(badRequest), join(folder, 'payload')],
      );
      assert.deepEqual([answer.StatusCode, answer.FunctionError], [200, 'Unhandled']);
      const payload = JSON.parse(await readFile(join(folder, 'payload'), 'utf8')) as LambdaError;
      assert.equal(payload.errorType, 'InvalidRequest');
      for (const problem of [/instanceId/, /commands/, /typo/]) assert.match(payload.errorMessage, problem);
      assert.match(
        payload.trace.join('\n'),
        /\(file:\/\/\/var\/task\/index\.mjs:/,
        'the trace names no folder of this machine',
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  await check('an unknown function is ResourceNotFoundException', () =>
    cli.refused('ResourceNotFoundException', /^Function not found: arn:/, [
      ...['lambda', 'get-function', '--function-name', 'no-such'],
    ]),
  );
  await check('sts get-caller-identity names the operator', async () => {
    const identity = await cli.json<{ Account: string; Arn: string }>('sts', 'get-caller-identity');
    assert.deepEqual([identity.Account, identity.Arn], ['123456789012', 'arn:aws:iam::123456789012:user/operator']);
  });
  await check('an unknown access key is refused as each service does', async () => {
    const stranger = { AWS_ACCESS_KEY_ID: 'AKIANOBODY0000000000' };
    await cli.refused('InvalidClientTokenId', /security token/, ['sts', 'get-caller-identity'], stranger);
    await cli.refused('AuthFailure', /access credentials/, ['ec2', 'describe-instances'], stranger);
    await cli.refused('UnrecognizedClientException', /security token/, ['ssm', 'list-commands'], stranger);
    await cli.refused('InvalidAccessKeyId', /does not exist/, ['s3api', 'list-buckets'], stranger);
  });
}
