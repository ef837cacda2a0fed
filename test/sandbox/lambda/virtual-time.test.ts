import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { buildSync } from 'esbuild';
import { bench, serviceOf, settled, type Bench } from './support.ts';
import { operator, type TestWorld } from '../support/world.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function started(options: Parameters<typeof bench>[0] = {}): Bench<TestWorld> {
  const b = bench(options);
  open.push(() => b.close());
  return b;
}

/** As much of the wire as these tests need: the body of a request goes to ssm:GetParameter as part of the invocation. */
async function endpointFor(
  b: () => Bench<TestWorld>,
): Promise<{ endpoint: () => string; executions: (string | undefined)[] }> {
  const executions: (string | undefined)[] = [];
  const server: Server = createServer((request, response) => {
    const key = /Credential=(\w+)/.exec(request.headers.authorization ?? '')?.[1] ?? request.headers['x-key'];
    const session = b().credentials.find(String(key));
    executions.push(session?.executionArn);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const input = JSON.parse(Buffer.concat(chunks).toString()) as unknown;
      const scope = session?.scope;
      const caller = session?.caller ?? operator;
      b()
        .world.dispatcher.call(caller, 'ssm', 'GetParameter', input, { ...(scope && { scope }) })
        .then(
          (output) => response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify(output)),
          (error: unknown) => response.writeHead(400).end(JSON.stringify({ __type: (error as Error).name })),
        );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => new Promise((resolve) => server.close(resolve)));
  return { endpoint: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`, executions };
}

/** A function that asks for a parameter by a plain request. */
const ASKING = `import { request } from 'node:http';
export const ask = (body) => new Promise((resolve, reject) => {
  const asked = request(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers: { 'x-key': process.env.AWS_ACCESS_KEY_ID } }, (answer) => {
    let text = '';
    answer.on('data', (chunk) => (text += chunk)).on('end', () => resolve(JSON.parse(text)));
  });
  asked.on('error', reject).end(JSON.stringify(body));
});`;

const elapsed = async (b: Bench<TestWorld>, work: () => Promise<unknown>): Promise<number> => {
  const from = b.world.clock.now();
  await settled(b.world.clock, work());
  return b.world.clock.now() - from;
};

describe('a function in virtual time', () => {
  it('waits as long as its timers say, in no real time', async () => {
    const b = started();
    await b.define(
      'waits',
      `export const handler = async () => { const from = Date.now(); await new Promise((r) => setTimeout(r, 600_000)); return Date.now() - from; };`,
      { Timeout: 900 },
    );
    const real = performance.now();
    expect(await elapsed(b, () => b.invoke('waits'))).toBe(600_000 + 2 + 200);
    expect(await elapsed(b, () => b.invoke('waits'))).toBe(600_000 + 2);
    expect(performance.now() - real).toBeLessThan(5_000);
  });

  it('is ended at its timeout exactly', async () => {
    const b = started();
    await b.define('slow', `export const handler = async () => new Promise((r) => setTimeout(r, 600_000));`, {
      Timeout: 7,
    });
    expect(await elapsed(b, () => b.invoke('slow'))).toBe(7_000);
  });

  it('is ended at its timeout while a request of it is still open', async () => {
    const { endpoint } = await endpointFor(() => b);
    const b = started({ endpoint });
    b.world.dispatcher.register(serviceOf('ssm', 'GetParameter', () => b.world.clock.sleep(60_000)));
    await b.define('asks', `${ASKING}\nexport const handler = () => ask({});`, { Timeout: 5 });
    expect(await elapsed(b, () => b.invoke('asks'))).toBe(5_000);
  });

  it('sees the time that its requests take, and its requests are part of the execution that caused it', async () => {
    const { endpoint, executions } = await endpointFor(() => b);
    const b = started({ endpoint });
    b.world.dispatcher.register(
      serviceOf('ssm', 'GetParameter', async () => {
        await b.world.clock.sleep(1_500);
        return {};
      }),
    );
    await b.define(
      'asks',
      `${ASKING}\nexport const handler = async () => { const from = Date.now(); await ask({}); return Date.now() - from; };`,
    );
    const call = b.world.dispatcher.call(
      operator,
      'lambda',
      'Invoke',
      { FunctionName: 'asks' },
      { executionArn: 'arn:run' },
    );
    const { Payload } = (await settled(b.world.clock, call)) as { Payload: Uint8Array };
    expect(Buffer.from(Payload).toString()).toBe('1500');
    expect(executions).toEqual(['arn:run']);
  });

  it('ends a function that computes for ever', async () => {
    const b = started({ spinLimit: 300 });
    await b.define('spins', `export const handler = async () => { for (;;); };`, { Timeout: 5 });
    expect(await elapsed(b, () => b.invoke('spins'))).toBe(5_000);
  });

  it('invokes another function without waiting for itself', async () => {
    const { endpoint } = await endpointFor(() => b);
    const b = started({ endpoint });
    const inner = () => b.world.dispatcher.call(operator, 'lambda', 'Invoke', { FunctionName: 'inner' });
    b.world.dispatcher.register(serviceOf('ssm', 'GetParameter', inner));
    await b.define('inner', `export const handler = async () => new Promise((r) => setTimeout(r, 1000, 'inner'));`);
    await b.define('outer', `${ASKING}\nexport const handler = () => ask({});`);
    const { payload } = await settled(b.world.clock, b.invoke('outer'));
    expect(payload).toMatchObject({ StatusCode: 200 });
  });

  it('runs one at a time, in an order that the seed decides, with the same logs byte for byte', async () => {
    const run = async (seed: number): Promise<string> => {
      const b = started({ seed });
      await b.define(
        'names',
        `export const handler = async (event) => { console.log(event.n, crypto.randomUUID(), Math.random(), new Date()); await new Promise((r) => setTimeout(r, event.n)); };`,
      );
      await settled(b.world.clock, Promise.all(Array.from({ length: 8 }, (_, n) => b.invoke('names', { n }))));
      return JSON.stringify(b.world.lines);
    };
    const [first, again, other] = [await run(7), await run(7), await run(8)];
    expect(first).toBe(again);
    expect(first.replaceAll(/[0-9a-f-]{32,36}/g, '')).not.toBe(other.replaceAll(/[0-9a-f-]{32,36}/g, ''));
  });

  it('lets the timers of Node pass like its own', async () => {
    const b = started();
    const code = `import { setTimeout as wait, scheduler } from 'node:timers/promises';
      import { promisify } from 'node:util';
      export const handler = async () => {
        const seen = [];
        const since = performance.now();
        const at = (name) => seen.push([name, performance.now() - since]);
        await wait(10); at('promise');
        await promisify(setTimeout)(10); at('promisified');
        await scheduler.wait(10); at('scheduler');
        await new Promise((r) => { let n = 0; const i = setInterval(() => { if (++n === 3) { clearInterval(i); r(); } }, 10); }); at('interval');
        const cleared = setTimeout(() => at('never'), 5); clearTimeout(cleared);
        await new Promise((r) => AbortSignal.timeout(10).addEventListener('abort', () => r(at('signal'))) ?? setTimeout(() => {}, 50));
        return seen;
      };`;
    await b.define('timers', code);
    const { payload } = await settled(b.world.clock, b.invoke('timers'));
    expect(payload).toEqual([
      ['promise', 10],
      ['promisified', 20],
      ['scheduler', 30],
      ['interval', 60],
      ['signal', 70],
    ]);
  });
});

describe('a bundle with an SDK client', () => {
  it('backs off between its attempts in virtual time', async () => {
    const { endpoint } = await endpointFor(() => b);
    const b = started({ endpoint });
    let calls = 0;
    b.world.dispatcher.register(
      serviceOf('ssm', 'GetParameter', () => {
        if (++calls < 4) throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
        return { Parameter: { Value: 'found' } };
      }),
    );
    const contents = `import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
      const client = new SSMClient({ maxAttempts: 5 });
      export const handler = async ({ Name }) => {
        const from = Date.now();
        const { Parameter, $metadata } = await client.send(new GetParameterCommand({ Name }));
        return { value: Parameter.Value, attempts: $metadata.attempts, delay: $metadata.totalRetryDelay, waited: Date.now() - from };
      };`;
    const resolveDir = fileURLToPath(new URL('.', import.meta.url));
    const banner = {
      js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
    };
    const built = buildSync({
      stdin: { contents, resolveDir },
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      banner,
      write: false,
    });
    await b.define('reads', built.outputFiles[0]?.text ?? '', { Timeout: 60 });
    const real = performance.now();
    const { payload } = await settled(b.world.clock, b.invoke('reads', { Name: '/a' }));
    const { delay, waited } = payload as { delay: number; waited: number };
    expect(payload).toMatchObject({ value: 'found', attempts: 4 });
    expect(waited).toBe(delay);
    expect(waited).toBeGreaterThan(100);
    expect(performance.now() - real).toBeLessThan(3_000);
    expect(calls).toBe(4);
  });
});
