import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { openApiDocument } from '../functions/lib/openapi/document.ts';
import { apiReference } from './api-reference.ts';

const root = resolve(import.meta.dirname, '..');

/** What to run when the rendered files are out of date. */
export const COMMAND = 'npm run docs';

/** The rendered files of docs/ by their paths, laid out as prettier wants them. */
export async function renderApiDocs(): Promise<ReadonlyMap<string, string>> {
  const document = openApiDocument({ type: 'iam' });
  return new Map([
    ['docs/openapi.json', await laidOut('docs/openapi.json', JSON.stringify(document))],
    ['docs/api-reference.md', await laidOut('docs/api-reference.md', apiReference(document, COMMAND))],
  ]);
}

async function laidOut(file: string, text: string): Promise<string> {
  const filepath = join(root, file);
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}

if (import.meta.main) for (const [file, text] of await renderApiDocs()) writeFileSync(join(root, file), text);
