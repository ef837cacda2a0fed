import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { EmbeddedAws } from '../../cli/lib/embedded-aws.ts';
import type { Check } from './checks.ts';
import { run, type Ended } from './run.ts';

const program = (...args: string[]): Promise<Ended> => run(process.execPath, ['sandbox/main.ts', ...args]);

/** Answers the status and body of a GET with these headers; `fetch` would not let a Host or an Origin be set. */
function get(endpoint: string, headers: Readonly<Record<string, string>>): Promise<[status: number, body: string]> {
  return new Promise((resolve, reject) => {
    const asked = request(endpoint, { headers, agent: false }, (response) => {
      text(response).then((body) => resolve([response.statusCode ?? 0, body]), reject);
    });
    asked.once('error', reject).end();
  });
}

/** What a web page in the user's browser could try, and what people get wrong when they start the sandbox. */
export async function walls(check: Check, { endpoint }: EmbeddedAws): Promise<void> {
  await check('a request from a web page is refused', async () => {
    const [status, body] = await get(endpoint, { origin: 'https://page.example' });
    assert.equal(status, 403);
    assert.match(body, /https:\/\/page\.example/);
  });
  await check('a request under another host name is refused', async () => {
    const [status, body] = await get(endpoint, { host: 'page.example' });
    assert.equal(status, 403);
    assert.match(body, /page\.example/);
  });
  await check('a request that nobody signed is refused', async () => {
    const [status] = await get(endpoint, {});
    assert.equal(status, 403);
  });
  await check('a port in use is said, with what to do', async () => {
    const { code, stderr, stdout } = await program('--port', new URL(endpoint).port);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^Port \d+ on 127\.0\.0\.1 is in use\..*--port/);
    assert.doesNotMatch(stderr, /\n {4}at /);
  });
  await check('a mistake in a fleet file is said by path and reason, and nothing starts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'peers-'));
    try {
      const file = join(folder, 'fleet.json');
      await writeFile(
        file,
        JSON.stringify({ images: {}, instances: [{ name: 'a', image: 'al2023', agnet: 'online' }] }),
      );
      const { code, stderr, stdout } = await program('--port', '0', '--fleet', file);
      assert.deepEqual([code, stdout], [1, '']);
      assert(stderr.includes(file), stderr);
      assert.match(stderr, /instances\[0\]\.agnet: unknown key/);
      assert.doesNotMatch(stderr, /\n {4}at /);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  await check('a folder without a synthesized app is said, with what to do', async () => {
    const { code, stderr, stdout } = await program('--port', '0', '--assembly', 'docs');
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^docs holds no synthesized app\. Run npm run synth/);
  });
  await check('--help lists the options', async () => {
    const { code, stdout } = await program('--help');
    assert.equal(code, 0);
    for (const option of ['--port', '--api-port', '--fleet', '--assembly', '--jwks'])
      assert(stdout.includes(option), stdout);
  });
}
