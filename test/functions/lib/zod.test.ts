import { globSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import * as z from '../../../functions/lib/zod.ts';

it('says in English what is wrong, which the small form of zod leaves out by itself', () => {
  const { error } = z.strictObject({ a: z.int() }).safeParse({ a: 'text', b: 1 });
  expect(error?.issues.map(({ message }) => message)).toEqual([
    'Invalid input: expected number, received string',
    'Unrecognized key: "b"',
  ]);
});

it('is the only way to zod, or the cold starts would wait for its large form again', () => {
  const importing = globSync('functions/**/*.ts').filter((file) => /from 'zod/.test(readFileSync(file, 'utf8')));
  expect(importing).toEqual(['functions/lib/zod.ts']);
});
