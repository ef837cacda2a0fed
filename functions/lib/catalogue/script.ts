/**
 * Scripts with values in them. A script is a template literal: what stands in it is code, what is interpolated is data and
 * is quoted for the language. Neither type can be made of mere text, so that no value gets into a script unquoted.
 */
declare const language: unique symbol;

/** Lines of a script for sh. */
export type ShellScript = readonly string[] & { readonly [language]: 'sh' };
/** Lines of a script for Windows PowerShell 5.1. */
export type PowerShellScript = readonly string[] & { readonly [language]: 'PowerShell' };
export type Value = string | number | boolean | readonly string[];

/** Stands for a value while the template is looked at; no template holds one. */
const MARK = '\0';

const number = (value: number): string => {
  if (Number.isSafeInteger(value)) return String(value);
  throw new Error(`${value} is not a whole number`);
};

const shellText = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function shellValue(value: Value): string {
  if (typeof value === 'string') return shellText(value);
  if (typeof value === 'number') return number(value);
  return typeof value === 'boolean' ? String(value) : value.map(shellText).join(' ');
}

/** PowerShell takes typographic quotes for quotes, too; two of any kind stand for the second (about_Quoting_Rules). */
const powerShellText = (text: string): string => `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`;

function powerShellValue(value: Value): string {
  if (typeof value === 'string') return powerShellText(value);
  if (typeof value === 'number') return number(value);
  return typeof value === 'boolean' ? `$${value}` : `@(${value.map(powerShellText).join(', ')})`;
}

/** Quoted text that holds nothing but itself, which may stand before a value. */
const PLAIN_QUOTES = /'[^']*'|"[^"$`\\]*"/g;
/** What may change how a value after it is read: open quotes, escapes, comments, substitutions, here-documents. */
const SUSPECT = /['"`\\#\u2018-\u201f]|<<|\$\(|@\(|\{/;

/** A value has to be a word of its own that nothing before it can swallow. */
function assertWords(text: string): void {
  const pieces = text.split(MARK);
  pieces.slice(0, -1).forEach((before, index) => {
    const after = pieces[index + 1] ?? '';
    const soFar = pieces
      .slice(0, index + 1)
      .join('')
      .replace(PLAIN_QUOTES, '');
    if (!/(?:^|[\s=])$/.test(before) || !/^(?:$|[\s;])/.test(after) || SUSPECT.test(soFar))
      throw new Error(`a value has to be a word of its own, before anything that is hard to read: ${before.trim()}`);
  });
}

/** The lines of a template without their common indentation; line breaks in values stay within their line. */
function lines(strings: TemplateStringsArray, values: readonly string[]): string[] {
  const text = strings.join(MARK).replace(/^\n/, '').replace(/\n *$/, '');
  assertWords(text);
  const all = text.split('\n');
  const indents = all.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const indent = Math.min(...indents);
  let next = 0;
  return all.map((line) => line.slice(indent).replaceAll(MARK, () => values[next++] ?? ''));
}

/** A script for sh. Text is single-quoted, a list is so many words, a flag is `true` or `false`. */
export const sh = (strings: TemplateStringsArray, ...values: readonly Value[]): ShellScript =>
  lines(strings, values.map(shellValue)) as readonly string[] as ShellScript;

/** A script for PowerShell. Text is single-quoted, a list is an array, a flag is `$true` or `$false`. */
export const ps = (strings: TemplateStringsArray, ...values: readonly Value[]): PowerShellScript =>
  lines(strings, values.map(powerShellValue)) as readonly string[] as PowerShellScript;
