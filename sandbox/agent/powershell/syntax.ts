/** A word of a command, with what is to be expanded in it. */
export interface Word {
  readonly text: string;
  /** Bare words may be parameters (`-First`), the others never are. */
  readonly quote: 'none' | 'single' | 'double' | 'block';
}

/** A line that the stand-in cannot read; the message is PowerShell's. */
export class PowerShellError extends Error {}

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '(': ')' };

/** Index after the quoted or bracketed text that opens at `start`. */
export function closing(text: string, start: number): number {
  const open = text[start] ?? '';
  const close = CLOSING[open] ?? open;
  for (let index = start + 1; index < text.length; index++) {
    const char = text[index] ?? '';
    if (char === '`' && open !== "'") index++;
    else if (char === close) {
      if (close === open && text[index + 1] === close) index++;
      else return index + 1;
    } else if (open in CLOSING && (char === '"' || char === "'" || char in CLOSING)) index = closing(text, index) - 1;
  }
  throw new PowerShellError(
    close === open
      ? `The string is missing the terminator: ${close}.`
      : `Missing closing '${close}' in statement block or type definition.`,
  );
}

/** Splits at a separator outside quotes and brackets; `#` comments are left out. */
export function split(text: string, separators: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let index = 0;
  let kept = '';
  while (index < text.length) {
    const char = text[index] ?? '';
    if (char === '"' || char === "'" || char in CLOSING) index = closing(text, index);
    else if (char === '`') index += 2;
    else if (char === '#' && /^$|\s/.test(text[index - 1] ?? '')) {
      kept += text.slice(start, index);
      while (index < text.length && text[index] !== '\n') index++;
      start = index;
    } else if (separators.includes(char)) {
      parts.push(kept + text.slice(start, index));
      kept = '';
      start = ++index;
    } else index++;
  }
  parts.push(kept + text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** The words of one command. */
export function words(command: string): Word[] {
  const found: Word[] = [];
  let index = 0;
  while (index < command.length) {
    const char = command[index] ?? '';
    if (/[\s,]/.test(char)) index++;
    else if (char === "'" || char === '"') {
      const end = closing(command, index);
      const inner = command.slice(index + 1, end - 1).replaceAll(char + char, char);
      found.push({ text: inner, quote: char === "'" ? 'single' : 'double' });
      index = end;
    } else if (char === '{') {
      const end = closing(command, index);
      found.push({ text: command.slice(index + 1, end - 1).trim(), quote: 'block' });
      index = end;
    } else {
      const start = index;
      while (index < command.length && !/[\s,]/.test(command[index] ?? '')) {
        index = command[index] === '(' ? closing(command, index) : index + (command[index] === '`' ? 2 : 1);
      }
      found.push({ text: command.slice(start, index), quote: 'none' });
    }
  }
  return found;
}
