/** The cell that begins at `index`, and where it ends. A quoted cell may hold anything; a doubled quote stands for one. */
function cell(text: string, index: number, delimiter: string): { readonly value: string; readonly end: number } {
  if (text[index] !== '"') {
    let end = index;
    while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end++;
    return { value: text.slice(index, end), end };
  }
  let value = '';
  let at = index + 1;
  for (; at < text.length; at++) {
    if (text[at] !== '"') value += text.charAt(at);
    else if (text[at + 1] === '"') value += text.charAt(at++);
    else break;
  }
  return { value, end: at + 1 };
}

/** Splits CSV into rows of cells (RFC 4180); empty lines are left out. */
export function parseCsv(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let index = 0; index <= text.length;) {
    const { value, end } = cell(text, index, delimiter);
    row.push(value);
    index = end + 1;
    if (text[end] === delimiter) continue;
    if (row.length > 1 || value !== '') rows.push(row);
    row = [];
    if (text[end] === '\r' && text[end + 1] === '\n') index++;
  }
  return rows;
}
