import { connect } from 'node:net';
import { Agent, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VirtualClock } from '../../../../sandbox/clock/virtual-clock.ts';
import { bench, closeBenches, type Bench } from './support.ts';

let api: Bench;
beforeAll(async () => {
  api = await bench();
  await api.route('$default', ({ rawPath, body, headers }) => ({
    statusCode: 200,
    cookies: ['a=1', 'b=2'],
    body: JSON.stringify({ rawPath, body, headers }),
  }));
  await api.route('GET /sleep', () => api.world.clock.sleep(10_000).then(() => 'slept'));
});
afterAll(closeBenches);

/** What comes back for these bytes until the server closes the connection. */
function raw(bytes: Buffer | string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(api.endpoint).port), '127.0.0.1');
    const parts: Buffer[] = [];
    socket.on('data', (part) => parts.push(part));
    socket.on('close', () => resolve(Buffer.concat(parts).toString()));
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? undefined : reject(error)));
    socket.end(bytes);
  });
}

const HOST = 'Host: 127.0.0.1\r\nConnection: close\r\n';

describe('the listener', () => {
  it('answers over HTTP as it does in process', async () => {
    const answer = await fetch(`${api.endpoint}/a%20b?c=d`, { method: 'POST', body: 'x', headers: { 'X-A': 'b' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(answer.headers.get('date')).toBeNull();
    const { rawPath, body, headers } = JSON.parse(await answer.text()) as Record<string, unknown>;
    expect({ rawPath, body }).toEqual({ rawPath: '/a b', body: 'x' });
    expect(headers).toMatchObject({ 'x-a': 'b', host: new URL(api.endpoint).host, 'x-forwarded-for': '127.0.0.1' });
  });

  it('keeps connections for many requests', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let time = 0; time < 3; time++)
      await new Promise<void>((resolve, reject) => {
        const sent = httpRequest(api.endpoint, { agent }, (answer) => {
          ports.add(answer.socket.localPort);
          answer.resume().on('end', () => resolve());
        });
        sent.on('error', reject).end();
      });
    expect(ports.size).toBe(1);
    agent.destroy();
  });

  it('lets virtual time go on only when a request waits for it', async () => {
    const clock = api.world.clock;
    expect(clock).toBeInstanceOf(VirtualClock);
    const before = clock.now();
    let answer: Response | undefined;
    const sent = fetch(`${api.endpoint}/sleep`).then((given) => (answer = given));
    while (answer === undefined) await clock.runUntil(() => answer !== undefined, before + 20_000);
    await sent;
    expect(await answer.text()).toBe('"slept"');
  });

  it.each([
    ['another host name', 'Host: evil.example\r\n'],
    ['a foreign page', 'Host: 127.0.0.1\r\nOrigin: https://evil.example\r\n'],
    ['an image of a foreign page', 'Host: 127.0.0.1\r\nSec-Fetch-Site: cross-site\r\n'],
    ['a second host name', 'Host: 127.0.0.1\r\nHost: evil.example\r\n'],
  ])('refuses %s before any function runs', async (_, headers) => {
    const calls = api.world.dispatcher.journal.length;
    expect(await raw(`GET / HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 403 /);
    expect(api.world.dispatcher.journal.length).toBe(calls);
  });

  it('takes 10 MB, and refuses more with 413', async () => {
    const limit = 10 * 2 ** 20;
    const headers = { 'content-type': 'text/plain' };
    const most = await fetch(api.endpoint, { method: 'POST', body: Buffer.alloc(limit, 32), headers });
    expect(most.status).toBe(200);
    const more = await fetch(api.endpoint, { method: 'POST', body: Buffer.alloc(limit + 1, 32), headers });
    expect([more.status, await more.text()]).toEqual([413, '{"message":"Request Entity Too Large"}']);
    expect(await api.send({ method: 'POST', body: Buffer.alloc(limit + 1) })).toMatchObject({ status: 413 });
  });

  it('takes 10,240 bytes of request line and header values, and refuses more with 431', async () => {
    const room = 10_240 - 'GET / HTTP/1.1'.length - new URL(api.endpoint).host.length;
    expect(await api.send({ headers: { a: 'x'.repeat(room) } })).toMatchObject({ status: 200 });
    const tooLarge = { status: 431, text: '{"message":"Request Header Fields Too Large"}' };
    expect(await api.send({ headers: { a: 'x'.repeat(room + 1) } })).toMatchObject(tooLarge);
    for (const size of [12_000, 100_000])
      expect(await raw(`GET / HTTP/1.1\r\n${HOST}A: ${'x'.repeat(size)}\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 431 [\s\S]*\{"message":"Request Header Fields Too Large"\}$/,
      );
    expect(await raw(`GET /${'x'.repeat(11_000)} HTTP/1.1\r\n${HOST}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it.each([
    'nonsense\r\n\r\n',
    `GET http://127.0.0.1/ HTTP/1.1\r\n${HOST}\r\n`,
    `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
    `GET / HTTP/1.1\r\n${HOST}Bad Name: x\r\n\r\n`,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
  ])('answers 400 to %j', async (bytes) => {
    expect(await raw(bytes)).toMatch(/^HTTP\/1\.1 400 [\s\S]*\{"message":"Bad Request"\}$/);
  });

  it('bears a client that goes away in the middle of its body', async () => {
    expect(await raw(`POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf`)).not.toContain(' 200 ');
    expect((await fetch(api.endpoint)).status).toBe(200);
  });

  it('keeps names of headers and parameters that JavaScript objects have already', async () => {
    const { text } = await api.send({ headers: { __proto__x: '1', constructor: 'c', ['__proto__']: 'p' } });
    const { headers } = JSON.parse(text) as { headers: Record<string, string> };
    expect(headers['constructor']).toBe('c');
    expect(Object.getOwnPropertyDescriptor(headers, '__proto__')?.value).toBe('p');
  });

  it('says which port is in use, and by which option to choose another', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', () => resolve()));
    const { port } = other.address() as AddressInfo;
    await expect(bench({ port })).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
    await expect(bench({ port })).rejects.toThrow('--api-port');
    other.close();
  });
});

describe('whatever bytes a client sends', () => {
  const STATUS = /^HTTP\/1\.1 (200|400|403|404|413|431) /;
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

  it('as a request, there is an answer or a closed connection, and no bug', async () => {
    await fc.assert(
      fc.asyncProperty(bytes(60), bytes(60), bytes(60), async (path, header, body) => {
        const head = Buffer.concat([
          Buffer.from('POST /'),
          path,
          Buffer.from(` HTTP/1.1\r\n${HOST}Content-Length: ${body.length}\r\nX: `),
          header,
          Buffer.from('\r\n\r\n'),
          body,
        ]);
        const answer = await raw(head);
        if (answer !== '') expect(answer).toMatch(STATUS);
      }),
      { numRuns: 150 },
    );
    expect(api.reported).toEqual([]);
    expect((await fetch(api.endpoint)).status).toBe(200);
  });

  it('as a path that HTTP allows, the function gets it or it is 400', async () => {
    const characters = fc.string({
      unit: fc.constantFrom(..."/.%2eEfF0:?#[]@!$&'()*+,;=~-_aZ".split('')),
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(characters, async (rest) => {
        const { status, text } = await api.send({ path: `/${rest}` });
        expect([200, 400]).toContain(status);
        if (status === 200) expect(JSON.parse(text)).toMatchObject({ rawPath: expect.stringMatching(/^\//) });
      }),
      { numRuns: 300 },
    );
  });
});
