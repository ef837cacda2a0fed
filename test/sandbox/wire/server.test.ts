import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import aws4 from 'aws4';
import { Credentials, OPERATOR } from '../../../sandbox/core/credentials.ts';
import { LARGEST_BODY } from '../../../sandbox/wire/body.ts';
import { startWire } from '../../../sandbox/wire/index.ts';
import { testWorld } from '../support/world.ts';
import { serve, signedHeaders, stub } from './support.ts';

let served: Awaited<ReturnType<typeof serve>>;
const deleted: unknown[] = [];

beforeAll(async () => {
  served = await serve(() => [
    stub('ssm', { ListCommands: () => ({ Commands: [] }) }),
    stub('sns', { DeleteTopic: (input) => (deleted.push(input), {}) }),
    stub('s3', { ListBuckets: () => ({ Buckets: [] }) }),
  ]);
});

afterAll(() => served.wire.close());

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

/** A bare request: fetch would not let the Host and Origin headers be chosen. Signed where `sign-for` names a service. */
async function send(
  { 'sign-for': service, ...given }: Readonly<Record<string, string>>,
  body: Buffer | string = '{}',
  method = 'POST',
  path = '/',
): Promise<Answer> {
  const host = `127.0.0.1:${served.wire.port}`;
  const headers = service === undefined ? given : await signedHeaders(service, String(body), { host, ...given });
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: served.wire.port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    sent.on('error', reject).end(body);
  });
}

const signed = (service: string) => ({ 'sign-for': service });
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

  const credential = (service: string) =>
    `X-Amz-Credential=AKIASANDBOXOPERATOR0%2F20260101%2Feu-central-1%2F${service}%2Faws4_request`;
  const deletion = `/?Action=DeleteTopic&TopicArn=arn:aws:sns:eu-central-1:123456789012:t&Version=2010-03-31&${credential('sns')}`;

  it.each(['cross-site', 'same-site'])('refuses what an image of a %s page asks for', async (site) => {
    const answer = await send({ 'sec-fetch-site': site, 'sec-fetch-dest': 'image' }, '', 'GET', deletion);
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('web pages') });
    expect((await send({ ...list, 'sec-fetch-site': site })).status).toBe(403);
    expect((await send({ ...list, 'sec-fetch-site': 'none' })).status).toBe(200);
    expect(deleted).toEqual([]);
  });

  it('takes credentials in the query for S3 alone', async () => {
    const answer = await send({}, '', 'GET', deletion);
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('MissingAuthenticationToken') });
    expect(deleted).toEqual([]);
    const [host, service, region] = [`127.0.0.1:${served.wire.port}`, 's3', 'eu-central-1'];
    const { path } = aws4.sign({ method: 'GET', host, path: '/', service, region, signQuery: true }, OPERATOR);
    expect((await send({}, '', 'GET', path)).status).toBe(200);
    const later = await send({}, '', 'GET', path.replace('Expires=86400', 'Expires=86401'));
    expect(later).toMatchObject({ status: 403, text: expect.stringContaining('<Code>SignatureDoesNotMatch</Code>') });
  });

  it.each(['constructor.x', '__proto__.x', 'toString.ListCommands'])('answers the target %s', async (target) => {
    expect((await send({ 'x-amz-target': target })).status).toBe(403);
    const { status } = await send({ ...signed('ssm'), 'x-amz-target': target.replace(/^(\w+).*/, 'AmazonSSM.$1') });
    expect(status).toBe(400);
  });

  it('reports what goes wrong outside of a service, and answers', async () => {
    const reported: unknown[] = [];
    const world = testWorld();
    Object.assign(world.random, {
      uuid: () => {
        throw new TypeError('a bug');
      },
    });
    const wire = await startWire({ world, credentials: new Credentials(), report: (error) => reported.push(error) });
    const answer = await fetch(wire.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonSSM.X' },
      body: '{}',
    });
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain('InternalFailure');
    expect(reported).toEqual([new TypeError('a bug')]);
    await wire.close();
  });

  it.each(['null', '[]', '"x"'])('refuses the body %s as AWS does', async (body) => {
    expect(await send(list, body)).toMatchObject({
      status: 400,
      text: expect.stringContaining('SerializationException'),
    });
  });

  it('refuses buckets in the host name, saying what to do', async () => {
    const answer = await send({ ...signed('s3'), host: `bucket.localhost:${served.wire.port}` });
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('forcePathStyle') });
  });

  it('refuses unsigned requests and unknown keys', async () => {
    expect(await send({})).toMatchObject({ status: 403, text: expect.stringContaining('MissingAuthenticationToken') });
    const unsigned = await send({ 'x-amz-target': 'AmazonSSM.ListCommands' });
    expect(unsigned).toMatchObject({ status: 403, text: expect.stringContaining('MissingAuthenticationToken') });
    const nobody = { ...OPERATOR, accessKeyId: 'AKIASANDBOXNOBODY000' };
    const headers = { host: `127.0.0.1:${served.wire.port}`, 'x-amz-target': 'AmazonSSM.ListCommands' };
    const unknown = await send(await signedHeaders('ssm', '{}', headers, nobody));
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
