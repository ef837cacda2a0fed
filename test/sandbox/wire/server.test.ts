import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Credentials } from '../../../sandbox/core/credentials.ts';
import { LARGEST_BODY } from '../../../sandbox/wire/body.ts';
import { startWire } from '../../../sandbox/wire/index.ts';
import { testWorld } from '../support/world.ts';
import { serve, stub } from './support.ts';

let served: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  served = await serve(() => [stub('ssm', { ListCommands: () => ({ Commands: [] }) })]);
});

afterAll(() => served.wire.close());

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

/** A bare request: fetch would not let the Host and Origin headers be chosen. */
function send(
  headers: Readonly<Record<string, string>>,
  body: Buffer | string = '{}',
  method = 'POST',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: served.wire.port, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    sent.on('error', reject).end(body);
  });
}

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIASANDBOXOPERATOR0/20260101/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});
const list = { ...signed('ssm'), 'x-amz-target': 'AmazonSSM.ListCommands' };

describe('the server', () => {
  it('answers under 127.0.0.1 and localhost', async () => {
    expect(await send(list)).toEqual({ status: 200, text: '{"Commands":[]}' });
    expect((await send({ ...list, host: `localhost:${served.wire.port}` })).status).toBe(200);
    expect((await send({ ...list, origin: served.wire.endpoint, host: `127.0.0.1:${served.wire.port}` })).status).toBe(
      200,
    );
  });

  it('refuses what a web page could send: foreign hosts and origins', async () => {
    const rebound = await send({ ...list, host: 'evil.example' });
    expect(rebound).toMatchObject({ status: 403, text: expect.stringContaining('"evil.example"') });
    const foreign = await send({ ...list, origin: 'https://evil.example' });
    expect(foreign).toMatchObject({ status: 403, text: expect.stringContaining('web pages') });
    const preflight = await send({ origin: 'null', 'access-control-request-method': 'POST' }, '', 'OPTIONS');
    expect(preflight.status).toBe(403);
  });

  it('refuses buckets in the host name, saying what to do', async () => {
    const answer = await send({ ...signed('s3'), host: `bucket.localhost:${served.wire.port}` });
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('forcePathStyle') });
  });

  it('refuses unsigned requests and unknown keys', async () => {
    expect(await send({})).toMatchObject({ status: 403, text: expect.stringContaining('MissingAuthenticationToken') });
    const unsigned = await send({ 'x-amz-target': 'AmazonSSM.ListCommands' });
    expect(unsigned).toMatchObject({ status: 403, text: expect.stringContaining('MissingAuthenticationToken') });
    const unknown = await send({ ...list, authorization: list.authorization.replace('OPERATOR0', 'NOBODY00') });
    expect(unknown).toMatchObject({ status: 403, text: expect.stringContaining('UnrecognizedClientException') });
  });

  it('names a service that it does not model', async () => {
    expect(await send(signed('sagemaker'))).toMatchObject({ status: 501, text: expect.stringContaining('sagemaker') });
  });

  it('refuses a body beyond its limit', async () => {
    const answer = await send(list, Buffer.alloc(LARGEST_BODY + 1, 32));
    expect(answer).toMatchObject({ status: 413, text: expect.stringContaining('EntityTooLarge') });
  });

  it('says which port is in use, and what to do about it', async () => {
    const options = { world: testWorld(), credentials: new Credentials(), port: served.wire.port };
    await expect(startWire(options)).rejects.toThrow(`Port ${served.wire.port} on 127.0.0.1 is in use`);
    await expect(startWire(options)).rejects.toThrow('--port');
  });
});
