import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { openApiDocument } from '../../functions/lib/openapi/document.ts';
import { PROBLEM_TYPES } from '../../functions/lib/problem-types.ts';
import { OWN_ROUTES, START_ROUTES } from '../../functions/lib/schemas/routes.ts';
import { COMMAND, renderApiDocs } from '../../scripts/render-api-docs.ts';

const page = readFileSync('docs/api.md', 'utf8');
const rendered = await renderApiDocs();

it.each([...rendered.keys()])(`%s is what \`${COMMAND}\` renders; run it and commit what it writes`, (file) =>
  expect(readFileSync(file, 'utf8')).toBe(rendered.get(file)),
);

it('has the version of package.json', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(openApiDocument({ type: 'iam' }).info.version).toBe(version);
});

it('lists every problem in docs/api.md with its status, and no other', () => {
  const listed = [...page.matchAll(/^\| `([A-Z]\w+)` +\| (\d{3}) +\|/gm)].map(
    ([, name, status]) => `${name} ${status}`,
  );
  const types = Object.entries(PROBLEM_TYPES).map(([name, { status }]) => `${name} ${status}`);
  expect(listed.sort()).toEqual(types.sort());
});

it('shows every route in docs/api.md', () => {
  for (const { method, path } of [...START_ROUTES, ...OWN_ROUTES]) expect(page).toContain(`\`${method} ${path}\``);
});
