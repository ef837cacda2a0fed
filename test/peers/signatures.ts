import assert from 'node:assert/strict';
import type { EmbeddedAws } from '../../cli/lib/embedded-aws.ts';
import type { Check } from './checks.ts';
import { run } from './run.ts';

const AUDITOR = 'AKIASANDBOXAUDITOR00:sandbox-auditor';
const DEPLOYER = 'AKIASANDBOXDEPLOYER0:sandbox-deployer';

/** curl as a signer of its own: it signs by Signature Version 4 and knows nothing of AWS beyond that. */
export async function signatures(check: Check, { endpoint, region, credentials, outputs }: EmbeddedAws): Promise<void> {
  const operator = `${credentials.accessKeyId}:${credentials.secretAccessKey}`;
  const api = outputs['ApiEndpoint'] ?? '';

  /** The status and body of a request to a service, signed with a key and its secret. */
  const curl = async (service: string, user: string, ...args: string[]): Promise<[status: string, body: string]> => {
    const signing = ['--aws-sigv4', `aws:amz:${region}:${service}`, '--user', user];
    const { code, stdout, stderr } = await run('curl', [
      '--silent',
      '--write-out',
      '\n%{http_code}',
      ...signing,
      ...args,
    ]);
    assert.equal(code, 0, stderr);
    const end = stdout.lastIndexOf('\n');
    return [stdout.slice(end + 1), stdout.slice(0, end)];
  };
  const json = ['--header', 'content-type: application/json', '--data'];
  const forbidden = ['403', '{"message":"Forbidden"}'];

  await check('the operator calls a route of the API', async () => {
    const [status, body] = await curl('execute-api', operator, `${api}/executions?limit=5&runbook=run-command`);
    assert.equal(status, '200', body);
  });
  await check('a wrong secret and an unknown key are Forbidden', async () => {
    assert.deepEqual(await curl('execute-api', `${credentials.accessKeyId}:guessed`, `${api}/executions`), forbidden);
    assert.deepEqual(await curl('execute-api', 'AKIANOBODY0000000000:guessed', `${api}/executions`), forbidden);
  });
  await check('a signature for another service is Forbidden', async () => {
    assert.deepEqual(await curl('lambda', operator, `${api}/executions`), forbidden);
  });
  await check('a user whose policy names some routes is refused on the others', async () => {
    const [read] = await curl('execute-api', AUDITOR, `${api}/executions?runbook=run-command`);
    const [start] = await curl('execute-api', DEPLOYER, `${api}/run-commands`, ...json, '{}');
    assert.deepEqual([read, start], ['200', '400']); // the last by the function: an empty request
    assert.deepEqual(await curl('execute-api', AUDITOR, `${api}/run-commands`, ...json, '{}'), forbidden);
    assert.deepEqual(await curl('execute-api', DEPLOYER, `${api}/executions`), forbidden);
  });
  await check('an operation of a service wants a true signature too', async () => {
    const target = ['--header', 'x-amz-target: AmazonSSM.ListCommands', '--data', '{}', endpoint];
    assert.equal((await curl('ssm', operator, ...target))[0], '200');
    const [status, body] = await curl('ssm', `${credentials.accessKeyId}:guessed`, ...target);
    assert.equal(status, '403');
    assert.match(body, /InvalidSignatureException/);
  });
}
