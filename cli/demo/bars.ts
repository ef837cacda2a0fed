import colors from 'picocolors';

const WIDTH = 24;

/** How far something is. */
export interface Progress {
  readonly name: string;
  readonly done: number;
  readonly total: number;
  /** What stands behind the bar. */
  readonly note?: string;
}

type Terminal = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;

/** One progress bar for each: redrawn in place on a terminal, a line for each change elsewhere, such as in a log. */
export class Bars {
  readonly #out: Terminal;
  #drawn: readonly string[] = [];

  constructor(out: Terminal = process.stdout) {
    this.#out = out;
  }

  show(all: readonly Progress[]): void {
    const width = Math.max(0, ...all.map(({ name }) => name.length));
    const rows = all.map((each) => row(each, width));
    if (this.#out.isTTY) this.#redraw(rows);
    else for (const each of rows) if (!this.#drawn.includes(each)) this.#out.write(`${each}\n`);
    this.#drawn = rows;
  }

  #redraw(rows: readonly string[]): void {
    if (this.#drawn.length > 0) this.#out.write(`\u001B[${this.#drawn.length}A`);
    for (const each of rows) this.#out.write(`\u001B[2K${each}\n`);
  }
}

function row({ name, done, total, note = '' }: Progress, width: number): string {
  const filled = total === 0 ? WIDTH : Math.min(WIDTH, Math.round((done / total) * WIDTH));
  const bar = colors.green('█'.repeat(filled)) + colors.dim('░'.repeat(WIDTH - filled));
  return `   ${name.padEnd(width)}  ${bar}  ${done} of ${total}${note === '' ? '' : `, ${note}`}`;
}
