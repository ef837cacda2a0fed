/** A word of PowerShell: code as it is written, or what single-quoted text stands for. */
export type Word = string | { readonly text: string };

/** The characters that open and close single-quoted text, by the language specification (2.3.5.2, single-quote-character). */
const SINGLE = "'\u2018\u2019\u201a\u201b";
const DOUBLE = '"\u201c\u201d\u201e';
const SPACE = /[\s\u0085]/;

/**
 * The words of one statement, read as the language specification says: a verbatim string ends at a single-quote character
 * that no other follows, and two of them, of any kind, stand for the second. Throws for what the catalogue never needs.
 */
export function words(statement: string): Word[] {
  const found: Word[] = [];
  let index = 0;
  while (index < statement.length) {
    const char = statement[index] ?? '';
    if (SPACE.test(char)) index++;
    else if (statement.startsWith('@(', index)) {
      found.push('@(');
      index += 2;
    } else if (',)'.includes(char)) {
      found.push(char);
      index++;
    } else if (SINGLE.includes(char)) {
      const [text, end] = verbatim(statement, index + 1);
      found.push({ text });
      index = end;
    } else if (DOUBLE.includes(char) || char === '`' || char === '#' || char === ';' || char === '|') {
      throw new Error(`${char} outside quotes`);
    } else {
      const start = index;
      while (
        index < statement.length &&
        !SPACE.test(statement[index] ?? '') &&
        !`,)${SINGLE}${DOUBLE}`.includes(statement[index] ?? '')
      )
        index++;
      found.push(statement.slice(start, index));
    }
  }
  return found;
}

function verbatim(statement: string, start: number): [string, number] {
  let text = '';
  for (let index = start; index < statement.length; index++) {
    let char = statement[index] ?? '';
    if (SINGLE.includes(char)) {
      const next = statement[index + 1];
      if (next === undefined || !SINGLE.includes(next)) return [text, index + 1];
      char = next;
      index++;
    }
    text += char;
  }
  throw new Error('the string never ends');
}
