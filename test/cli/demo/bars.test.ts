import { expect, it } from '@jest/globals';
import { stripVTControlCharacters } from 'node:util';
import { Bars, type Progress } from '../../../cli/demo/bars.ts';

const at = (name: string, done: number): Progress => ({ name, done, total: 2, note: 'ami-1' });

/** What is written for three looks: nothing done, one machine of one group, the same again. */
function written(isTTY: boolean): string[] {
  const chunks: string[] = [];
  const bars = new Bars({ isTTY, write: (chunk) => chunks.push(String(chunk)) > 0 });
  for (const done of [0, 1, 1]) bars.show([at('web', done), at('checkout', 0)]);
  return chunks;
}

it('draws over what it has drawn on a terminal', () => {
  const chunks = written(true);
  expect(chunks.filter((chunk) => chunk === '\u001B[2A')).toHaveLength(2);
  expect(chunks.filter((chunk) => chunk.startsWith('\u001B[2K'))).toHaveLength(6);
});

it('writes a line for each change elsewhere, with no control characters that move', () => {
  const lines = written(false);
  expect(lines.map((each) => stripVTControlCharacters(each))).toEqual([
    `   web       ${'░'.repeat(24)}  0 of 2, ami-1\n`,
    `   checkout  ${'░'.repeat(24)}  0 of 2, ami-1\n`,
    `   web       ${'█'.repeat(12)}${'░'.repeat(12)}  1 of 2, ami-1\n`,
  ]);
  expect(lines.join('')).not.toMatch(/\u001B\[\d+[AK]/);
});

it('is full where there is nothing to do', () => {
  const chunks: string[] = [];
  new Bars({ isTTY: false, write: (chunk) => chunks.push(String(chunk)) > 0 }).show([{ name: 'a', done: 0, total: 0 }]);
  expect(stripVTControlCharacters(chunks.join(''))).toBe(`   a  ${'█'.repeat(24)}  0 of 0\n`);
});
