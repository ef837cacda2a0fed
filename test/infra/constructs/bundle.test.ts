import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bundleFunctions } from '../../../infra/constructs/bundle.ts';
import { temporaryFolder } from '../synthesize.ts';

function twoFunctions(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'lib', 'shared.ts'), "export const shared: string = 'shared by both';");
  for (const name of ['send-one', 'send-two'])
    writeFileSync(
      join(folder, `${name}.ts`),
      `import { shared } from './lib/shared.ts';\nexport const handler = () => '${name} ' + shared;`,
    );
  return folder;
}

describe('bundleFunctions', () => {
  it('makes one module of each function, which Lambda can load', async () => {
    const bundles = bundleFunctions(twoFunctions(), temporaryFolder());
    expect([...bundles.keys()]).toEqual(['send-one', 'send-two']);
    for (const [name, { path, bytes }] of bundles) {
      expect(statSync(join(path, 'index.mjs')).size).toBe(bytes);
      const { handler } = (await import(join(path, 'index.mjs'))) as { handler: () => string };
      expect(handler()).toBe(`${name} shared by both`);
    }
  });

  it('gives the same bytes wherever it writes, and leaves a file alone that holds them', () => {
    const sources = twoFunctions();
    const folder = temporaryFolder();
    const read = (path: string | undefined) => readFileSync(join(path ?? '', 'index.mjs'), 'utf8');
    const once = bundleFunctions(sources, folder).get('send-one')?.path;
    const { mtimeMs } = statSync(join(once ?? '', 'index.mjs'));
    expect(bundleFunctions(sources, folder).get('send-one')?.path).toBe(once);
    expect(statSync(join(once ?? '', 'index.mjs')).mtimeMs).toBe(mtimeMs);
    expect(read(bundleFunctions(sources, temporaryFolder()).get('send-one')?.path)).toBe(read(once));
  });
});
