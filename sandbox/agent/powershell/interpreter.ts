import type { Machine, Outcome, Script } from '../machine.ts';
import { type Arguments, SOURCES } from './cmdlets.ts';
import { FILTERS } from './filters.ts';
import { show, type Stream, text } from './format.ts';
import { PowerShellError, split, type Word, words } from './syntax.ts';

/** Parameters that stand alone; every other takes the word after it. */
const SWITCHES = new Set(['autosize', 'descending', 'wrap', 'nonewline', 'unique', 'compress', 'force']);
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' };

class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/**
 * A stand-in for PowerShell on Windows-like machines: statements by line or `;`, pipelines of the cmdlets in cmdlets.ts and
 * filters.ts, literals, variables, `exit`, `throw`. Whatever else a script holds ends it with PowerShell's error and 1.
 */
export async function runPowerShell(machine: Machine, script: Script): Promise<Outcome> {
  const run = new Run(machine, script.signal);
  try {
    for (const statement of split(script.text, '\n;')) await run.statement(statement);
    return { exitCode: 0, stdout: run.stdout, stderr: '' };
  } catch (error) {
    const { stdout } = run;
    if (error instanceof Exit) return { exitCode: error.code, stdout, stderr: '' };
    if (script.signal.aborted) return { exitCode: 137, stdout, stderr: '' };
    if (!(error instanceof PowerShellError)) throw error;
    return { exitCode: 1, stdout, stderr: `${error.message}\r\nAt ${script.path}\r\n` };
  }
}

class Run {
  stdout = '';
  readonly #machine: Machine;
  readonly #signal: AbortSignal;
  readonly #variables = new Map<string, Stream>();

  constructor(machine: Machine, signal: AbortSignal) {
    this.#machine = machine;
    this.#signal = signal;
  }

  async statement(statement: string): Promise<void> {
    const [, variable, value] = /^\$(\w+)\s*=(?!=)\s*(.*)$/s.exec(statement) ?? [];
    if (variable !== undefined) {
      this.#variables.set(variable.toLowerCase(), await this.#pipeline(value ?? ''));
      return;
    }
    this.stdout += show(await this.#pipeline(statement));
  }

  async #pipeline(statement: string): Promise<Stream> {
    const [first = '', ...filters] = split(statement, '|');
    let stream = await this.#source(first);
    for (const filter of filters) {
      const [name, ...rest] = words(filter);
      const apply = FILTERS[name?.text.toLowerCase() ?? ''];
      if (apply === undefined) throw unknown(name?.text ?? '');
      stream = apply(stream, this.#arguments(rest));
    }
    return stream;
  }

  async #source(command: string): Promise<Stream> {
    const [head, ...rest] = words(command);
    if (head === undefined) return text();
    if (head.quote !== 'none' || /^[$\d(]/.test(head.text)) return this.#value(command, head, rest);
    switch (head.text.toLowerCase()) {
      case 'write-output':
      case 'write-host':
      case 'echo':
        return text(...this.#printed(head.text, rest));
      case 'start-sleep':
        await this.#sleep(this.#arguments(rest));
        return text();
      case 'exit':
        throw new Exit(Number(rest[0]?.text ?? 0));
      case 'throw':
        throw new PowerShellError(this.#expand(rest[0] ?? { text: 'ScriptHalted', quote: 'single' }));
      default: {
        const cmdlet = SOURCES[head.text.toLowerCase().replace(/\.exe$/, '')];
        if (cmdlet === undefined) throw unknown(head.text);
        return cmdlet(this.#machine, this.#arguments(rest));
      }
    }
  }

  #value(command: string, head: Word, rest: readonly Word[]): Stream {
    if (rest.length > 0)
      throw new PowerShellError(`Unexpected token '${rest[0]?.text ?? ''}' in expression or statement.`);
    const stream = head.quote === 'none' ? this.#variables.get(command.slice(1).toLowerCase()) : undefined;
    return stream ?? text(this.#expand(head));
  }

  #printed(name: string, rest: readonly Word[]): string[] {
    const parts = rest
      .filter(({ text: part, quote }) => quote !== 'none' || !part.startsWith('-'))
      .map((word) => this.#expand(word));
    return name.toLowerCase() === 'write-host' ? [parts.join(' ')] : parts;
  }

  async #sleep({ named, positional }: Arguments): Promise<void> {
    const milliseconds = named.get('milliseconds') ?? named.get('m');
    const seconds = named.get('seconds') ?? named.get('s') ?? positional[0];
    const duration = milliseconds === undefined ? Number(seconds) * 1000 : Number(milliseconds);
    if (!(duration >= 0)) throw new PowerShellError("Start-Sleep : Cannot validate argument on parameter 'Seconds'.");
    await this.#machine.clock.sleep(duration, this.#signal);
  }

  #arguments(rest: readonly Word[]): Arguments {
    const named = new Map<string, string>();
    const positional: string[] = [];
    for (let index = 0; index < rest.length; index++) {
      const word = rest[index];
      if (word === undefined) continue;
      const parameter = word.quote === 'none' ? /^-([a-z]\w*)$/i.exec(word.text)?.[1]?.toLowerCase() : undefined;
      if (parameter === undefined) positional.push(word.quote === 'block' ? word.text : this.#expand(word));
      else if (SWITCHES.has(parameter)) named.set(parameter, '');
      else {
        const next = rest[++index];
        named.set(parameter, next === undefined ? '' : this.#expand(next));
      }
    }
    return { named, positional };
  }

  /** The text of a word, its variables and escapes expanded as its quotes ask. */
  #expand({ text: source, quote }: Word): string {
    if (quote === 'single' || quote === 'block') return source;
    const expanded = source.replace(
      /`(.)|\$\(|\$env:(\w+)|\$(\w+)/gis,
      (match, escape?: string, environment?: string, name?: string) => {
        if (escape !== undefined) return ESCAPES[escape] ?? escape;
        if (environment !== undefined) return this.#environment(environment);
        if (name !== undefined) return this.#variable(name);
        throw new PowerShellError(`the sandbox's PowerShell does not evaluate subexpressions: '${match}…'`);
      },
    );
    if (quote === 'none' && expanded.startsWith('('))
      throw new PowerShellError(`the sandbox's PowerShell does not evaluate '${source}'`);
    return expanded;
  }

  #environment(name: string): string {
    const { hostname } = this.#machine.hardware;
    const known: Readonly<Record<string, string>> = {
      computername: hostname.toUpperCase(),
      username: 'SYSTEM',
      systemroot: 'C:\\Windows',
    };
    return known[name.toLowerCase()] ?? '';
  }

  #variable(name: string): string {
    const stream = this.#variables.get(name.toLowerCase());
    return stream === undefined
      ? ''
      : stream.items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(' ');
  }
}

const unknown = (name: string): PowerShellError =>
  new PowerShellError(
    `${name} : The term '${name}' is not recognized as the name of a cmdlet, function, script file, or operable program. Check the spelling of the name, or if a path was included, verify that the path is correct and try again.`,
  );
