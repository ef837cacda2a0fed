import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import aws4 from 'aws4';
import type { EmbeddedAws } from '../../cli/lib/embedded-aws.ts';
import type { Check } from './checks.ts';
import { WEB_2 } from './fleet.ts';
import { run } from './run.ts';

export const AWSCURL = '.venv/bin/awscurl';

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

type Client = (request: Asked) => Promise<Answered>;

const headersOf = ({ body, headers }: Asked): [string, string][] =>
  Object.entries({ ...(body !== undefined && { 'content-type': 'application/json' }), ...headers });

const answered = (status: string, body: string): Answered => ({
  status: Number(status),
  body: JSON.parse(body) as Answered['body'],
});

/** `curl --aws-sigv4`. */
function curl({ region, credentials, outputs }: EmbeddedAws): Client {
  return async (request) => {
    const { code, stdout, stderr } = await run('curl', [
      ...['--silent', '--write-out', '\n%{http_code}', '--request', request.method],
      ...['--aws-sigv4', `aws:amz:${region}:execute-api`],
      ...['--user', `${credentials.accessKeyId}:${credentials.secretAccessKey}`],
      ...headersOf(request).flatMap((pair) => ['--header', pair.join(': ')]),
      ...(request.body === undefined ? [] : ['--data', JSON.stringify(request.body)]),
      `${outputs['ApiEndpoint'] ?? ''}${request.path}`,
    ]);
    assert.equal(code, 0, stderr);
    const end = stdout.lastIndexOf('\n');
    return answered(stdout.slice(end + 1), stdout.slice(0, end));
  };
}

/** awscurl, which signs by botocore's rules; it tells an error by its exit code alone, and a problem document tells its status. */
function awscurl({ region, credentials, outputs }: EmbeddedAws): Client {
  const env = {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: region,
  };
  return async (request) => {
    const args = [
      ...['--fail-with-body', '--service', 'execute-api', '--request', request.method],
      ...headersOf(request).flatMap((pair) => ['--header', pair.join(': ')]),
      ...(request.body === undefined ? [] : ['--data', JSON.stringify(request.body)]),
      `${outputs['ApiEndpoint'] ?? ''}${request.path}`,
    ];
    const { code, stdout, stderr } = await run(AWSCURL, args, env);
    assert.ok(code === 0 || code === 22, stderr);
    const body = JSON.parse(stdout) as Answered['body'];
    return { status: code === 0 ? 200 : Number(body['status']), body };
  };
}

/** aws4, by which Postman's "AWS Signature" signs. */
function postman({ region, credentials, outputs }: EmbeddedAws): Client {
  const { hostname, port, host } = new URL(outputs['ApiEndpoint'] ?? '');
  return async (request) => {
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const { headers } = aws4.sign(
      {
        ...{ service: 'execute-api', region, host, method: request.method, path: request.path },
        headers: Object.fromEntries(headersOf(request)),
        ...(body !== undefined && { body }),
      },
      credentials,
    );
    const sent = httpRequest({
      hostname,
      port,
      method: request.method,
      path: request.path,
      headers,
    });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return answered(String(response.statusCode), await text(response));
  };
}

/** Waits until an execution is over, whose lock keeps the next one from its machine. */
async function ended(send: Client, path: string): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const { body } = await send({ method: 'GET', path });
    if ('finished_at' in body) return;
    await sleep(1000);
  }
  throw new Error(`${path} has not ended a minute after it was stopped`);
}

const pathOf = ({ body }: Answered): string => `/executions/${String(body['execution_id'])}`;

/** Every route of the API, called by clients that sign by themselves and know nothing of us. */
export async function apiClients(check: Check, aws: EmbeddedAws): Promise<void> {
  const clients = { curl: curl(aws), awscurl: awscurl(aws), "Postman's signature (aws4)": postman(aws) };
  for (const [name, send] of Object.entries(clients)) {
    await check(`${name} starts a run and waits for its result`, async () => {
      const body = { instance_id: WEB_2, commands: [`echo "it's ${name}"; exit 4`] };
      const answer = await send({ method: 'POST', path: '/run-commands', body, headers: { prefer: 'wait=25' } });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.equal(answer.body['exit_code'], 4);
      assert.equal(answer.body['stdout'], `it's ${name}\n`);
    });
    await check(`${name} starts, finds, lists and stops a run`, async () => {
      const started = await send({
        ...{ method: 'POST', path: '/run-commands', body: { instance_id: WEB_2, commands: ['sleep 600'] } },
        headers: { 'idempotency-key': name },
      });
      const path = pathOf(started);
      assert.equal((await send({ method: 'GET', path })).status, 200);
      const stopped = await send({ method: 'POST', path: `${path}/stop` });
      assert.ok(stopped.status < 300 && 'stop_requested_at' in stopped.body, JSON.stringify(stopped.body));
      const { body } = await send({ method: 'GET', path: '/executions?limit=100' });
      assert.ok(JSON.stringify(body).includes(path.slice('/executions/'.length)), 'it is not in the list');
      await ended(send, path);
    });
    await check(`${name} reads the document, and a problem`, async () => {
      assert.equal((await send({ method: 'GET', path: '/openapi.json' })).body['openapi'], '3.1.1');
      const { status, body } = await send({ method: 'POST', path: '/run-commands', body: {} });
      assert.deepEqual([status, body['type']], [400, 'urn:fleetwright:problem:InvalidRequest']);
    });
  }
}
