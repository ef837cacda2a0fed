import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { parseConfig } from '../../infra/config.ts';
import { synthesize } from './synthesize.ts';

const page = readFileSync('docs/configuration.md', 'utf8');
const rows = [...page.matchAll(/^\| `([\w.]+)` +\| (`[^`]+`|) +\| `/gm)].map(([, setting = '', value = '']) => [
  setting,
  value.replaceAll('`', ''),
]);

/** Settings that are explained as a whole, and those that have no default. */
const WHOLE = ['api.authorization', 'functions.overrides', 'tags'];
const WITHOUT_DEFAULT = ['outputBucketKeyArn'];

/** The settings and their defaults as TypeScript writes them, by their paths. */
function settingsOf(value: unknown, path: string): string[][] {
  if (WHOLE.includes(path) || typeof value !== 'object' || value === null || Array.isArray(value))
    return [[path, written(value)]];
  return Object.entries(value).flatMap(([key, inner]) => settingsOf(inner, path === '' ? key : `${path}.${key}`));
}
const written = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll(/"(\w+)":/g, ' $1: ')
    .replaceAll('"', "'")
    .replaceAll(/(?<!\{)\}$/g, ' }');

it('names every setting with its default, and no other', () => {
  const settings = [...settingsOf(parseConfig('test', {}), ''), ...WITHOUT_DEFAULT.map((path) => [path, ''])];
  expect(rows.sort()).toEqual(settings.sort());
});

it('names every output of every stack', () => {
  const { foundation, runbooks, api } = synthesize();
  for (const { Outputs } of [foundation, runbooks, api])
    for (const id of Object.keys(Outputs).filter((name) => !name.startsWith('Exports')))
      expect(page).toContain(`\`${id}\``);
});
