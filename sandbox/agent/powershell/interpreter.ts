import type { Machine, Outcome, Script } from '../machine.ts';
import { type Arguments, SOURCES } from './cmdlets.ts';
import { FILTERS, propertyOf } from './filters.ts';
import { asText, isItem, show, type Stream, text, timeSpan } from './format.ts';
import { closing, PowerShellError, split, type Word, words } from './syntax.ts';

/** Parameters that stand alone; every other takes the word after it. */
const SWITCHES = new Set(['autosize', 'descending', 'wrap', 'nonewline', 'unique', 'compress', 'force']);
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' };
const FUNCTION = /^function\s+([\w-]+)\s*(?:\(([^)]*)\))?\s*\{(.*)\}$/is;
const ASSIGNMENT = /^\$(\w+)\s*=(?!=)\s*(.*)$/s;

class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

interface Defined {
  readonly parameters: readonly string[];
  readonly body: string;
}

/** A variable: what a pipeline gave, or a script block. */
type Variable = Stream | { readonly block: string };

/**
 * A stand-in for PowerShell on Windows-like machines: pipelines of the cmdlets in cmdlets.ts and filters.ts, literals,
 * variables, functions, script blocks, try and catch, differences of dates, `exit`, `throw`. Whatever else a script holds
 * ends it with PowerShell's error and 1.
 */
export async function runPowerShell(machine: Machine, script: Script): Promise<Outcome> {
  const written: string[] = [];
  const outcome = (exitCode: number, stderr = ''): Outcome => ({ exitCode, stdout: written.join(''), stderr });
  const run = new Run(machine, script.signal);
  try {
    for (const statement of split(script.text, '\n;')) written.push(show(await run.statement(statement)));
    return outcome(0);
  } catch (error) {
    if (error instanceof Exit) return outcome(error.code);
    if (script.signal.aborted) return outcome(137);
    if (!(error instanceof PowerShellError)) throw error;
    return outcome(1, `${error.message}\r\nAt ${script.path}\r\n`);
  }
}

/** One scope of a script: its variables are its own, functions are everybody's. */
class Run {
  readonly #machine: Machine;
  readonly #signal: AbortSignal;
  readonly #variables: Map<string, Variable>;
  readonly #functions: Map<string, Defined>;

  constructor(
    machine: Machine,
    signal: AbortSignal,
    variables = new Map<string, Variable>(),
    functions = new Map<string, Defined>(),
  ) {
    this.#machine = machine;
    this.#signal = signal;
    this.#variables = variables;
    this.#functions = functions;
  }

  async statement(statement: string): Promise<Stream> {
    const [, name, parameters, body] = FUNCTION.exec(statement) ?? [];
    if (name !== undefined) {
      const names = [...(parameters ?? '').matchAll(/\$(\w+)/g)].map(([, each]) => each?.toLowerCase() ?? '');
      this.#functions.set(name.toLowerCase(), { parameters: names, body: body ?? '' });
      return text();
    }
    const [, variable, value] = ASSIGNMENT.exec(statement) ?? [];
    if (variable === undefined) return this.#pipeline(statement);
    this.#variables.set(variable.toLowerCase(), await this.#pipeline(value ?? ''));
    return text();
  }

  /** Runs the statements of a block; what several of them give is shown one after the other. */
  async #block(body: string): Promise<Stream> {
    const statements = split(body, '\n;');
    if (statements.length === 1) return this.statement(statements[0] ?? '');
    const shown: string[] = [];
    for (const statement of statements) {
      const output = show(await this.statement(statement));
      if (output !== '') shown.push(output.replace(/\r\n$/, ''));
    }
    return text(...shown);
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
    if (command.startsWith('(')) return this.#expression(command);
    const [head, ...all] = words(command);
    const rest = all.filter(({ text: word, quote }) => quote !== 'none' || word !== '2>&1');
    if (head === undefined) return text();
    if (head.quote !== 'none' || /^[$\d]/.test(head.text)) return this.#literal(head, rest);
    const name = head.text.toLowerCase();
    switch (name) {
      case 'write-output':
      case 'write-host':
      case 'echo':
        return this.#printed(name, rest);
      case 'start-sleep':
        await this.#sleep(this.#arguments(rest));
        return text();
      case 'exit':
        throw new Exit(Number(rest[0]?.text ?? 0));
      case 'throw':
        throw new PowerShellError(this.#expand(rest[0] ?? { text: 'ScriptHalted', quote: 'single' }));
      case 'try':
        return this.#try(rest);
      case '&':
        return this.#block(this.#blockOf(rest[0]));
      default:
        return this.#call(head.text, rest);
    }
  }

  #call(name: string, rest: readonly Word[]): Promise<Stream> | Stream {
    const defined = this.#functions.get(name.toLowerCase());
    if (defined !== undefined) {
      const given = rest.map((word): Variable =>
        word.quote === 'block' ? { block: word.text } : text(this.#expand(word)),
      );
      const bound = defined.parameters.flatMap((parameter, index) =>
        given[index] === undefined ? [] : [[parameter, given[index]] as const],
      );
      return new Run(this.#machine, this.#signal, new Map([...this.#variables, ...bound]), this.#functions).#block(
        defined.body,
      );
    }
    const cmdlet = SOURCES[name.toLowerCase().replace(/\.exe$/, '')];
    if (cmdlet === undefined) throw unknown(name);
    return cmdlet(this.#machine, this.#arguments(rest));
  }

  async #try([body, keyword, handler]: readonly Word[]): Promise<Stream> {
    if (body?.quote !== 'block' || keyword?.text.toLowerCase() !== 'catch' || handler?.quote !== 'block') {
      throw new PowerShellError("the sandbox's PowerShell knows try { } catch { } alone");
    }
    try {
      return await this.#block(body.text);
    } catch (error) {
      if (!(error instanceof PowerShellError)) throw error;
      this.#variables.set('_', text(error.message));
      return this.#block(handler.text);
    }
  }

  #blockOf(word: Word | undefined): string {
    if (word?.quote === 'block') return word.text;
    const variable = this.#variables.get(word?.text.slice(1).toLowerCase() ?? '');
    if (variable === undefined || !('block' in variable))
      throw new PowerShellError(`The expression after '&' in a pipeline element is not valid: ${word?.text ?? ''}`);
    return variable.block;
  }

  /** `(pipeline)`, `(pipeline).Property`, and the difference of two such dates. */
  async #expression(command: string): Promise<Stream> {
    const end = closing(command, 0);
    const [, property, operand] = /^(?:\.(\w+))?(?:\s*-\s*(\(.*))?$/s.exec(command.slice(end)) ?? [];
    if (command.slice(end) !== '' && property === undefined && operand === undefined) {
      throw new PowerShellError(`Unexpected token '${command.slice(end).trim()}' in expression or statement.`);
    }
    const inner = await this.#pipeline(command.slice(1, end - 1));
    const stream =
      property === undefined ? inner : { ...inner, items: inner.items.map((item) => propertyOf(item, property)) };
    if (operand === undefined) return stream;
    const [left, right] = [stream.items[0], (await this.#expression(operand)).items[0]];
    if (!(left instanceof Date) || !(right instanceof Date))
      throw new PowerShellError("the sandbox's PowerShell subtracts dates alone");
    return timeSpan(left.getTime() - right.getTime());
  }

  #literal(head: Word, rest: readonly Word[]): Stream {
    if (rest.length > 0)
      throw new PowerShellError(`Unexpected token '${rest[0]?.text ?? ''}' in expression or statement.`);
    const variable = head.quote === 'none' ? this.#variables.get(head.text.slice(1).toLowerCase()) : undefined;
    return variable !== undefined && 'items' in variable ? variable : text(this.#expand(head));
  }

  #printed(name: string, rest: readonly Word[]): Stream {
    const parts = rest
      .filter(({ text: part, quote }) => quote !== 'none' || !part.startsWith('-'))
      .map((word) => this.#expand(word));
    return name === 'write-host' ? text(parts.join(' ')) : text(...parts);
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
    const pattern = /`(.)|\$\(|\$env:(\w+)|\$(\w+)/gis;
    const expanded = source.replace(pattern, (match, escape?: string, environment?: string, name?: string) => {
      if (escape !== undefined) return ESCAPES[escape] ?? escape;
      if (environment !== undefined) return this.#environment(environment);
      if (name !== undefined) return this.#variable(name);
      throw new PowerShellError(`the sandbox's PowerShell does not evaluate subexpressions: '${match}…'`);
    });
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
    const variable = this.#variables.get(name.toLowerCase());
    if (variable === undefined || !('items' in variable)) return '';
    return variable.items.map((item) => (isItem(item) ? JSON.stringify(item) : asText(item))).join(' ');
  }
}

const unknown = (name: string): PowerShellError =>
  new PowerShellError(
    `${name} : The term '${name}' is not recognized as the name of a cmdlet, function, script file, or operable program. Check the spelling of the name, or if a path was included, verify that the path is correct and try again.`,
  );
