import { globSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** Where the functions are. */
export const FUNCTIONS = resolve(import.meta.dirname, '../../functions');

/** The functions there are, by their files' names without the ending, sorted. */
export const functionNames = (folder = FUNCTIONS): string[] =>
  globSync(join(folder, '*.ts'))
    .map((file) => basename(file, '.ts'))
    .sort();
