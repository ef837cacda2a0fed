import { AwsError, notImplemented } from '../../core/aws-error.ts';

/** Says whether a log message matches. */
export type Filter = (message: string) => boolean;

type Test = (record: unknown) => boolean;

/** `%…%`, outside of quotes */
function refuseExpression(term: string): string {
  if (term.startsWith('%')) throw notImplemented(`regular expressions in filter patterns (${term})`);
  return term;
}

const invalid = (): AwsError => new AwsError('InvalidParameterException', 'Invalid filter pattern');

/**
 * Reads a filter pattern: terms (`ERROR "two words" -not ?either ?or`) or conditions on JSON (`{ $.status = "x" && $.n > 1 }`).
 * Space-delimited patterns and regular expressions are refused by name. Source: CloudWatch Logs User Guide, "Filter
 * pattern syntax". @throws AwsError InvalidParameterException, NotImplemented
 */
export function parseFilter(pattern: string): Filter {
  const text = pattern.trim();
  if (text.startsWith('[')) throw notImplemented(`space-delimited filter patterns (${text})`);
  return text.startsWith('{') ? jsonFilter(text) : termFilter(text);
}

function termFilter(text: string): Filter {
  const terms = [...text.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/gsu)].map(([, sign, quoted, bare]) => ({
    sign,
    term: quoted?.replace(/\\(.)/gsu, '$1') ?? refuseExpression(bare ?? ''),
  }));
  const signed = (wanted: string) => terms.filter(({ sign }) => sign === wanted).map(({ term }) => term);
  const [all, none, any] = [signed(''), signed('-'), signed('?')];
  return (message) => {
    const has = (term: string): boolean => message.includes(term);
    return all.every(has) && !none.some(has) && (any.length === 0 || any.some(has));
  };
}

function jsonFilter(text: string): Filter {
  const test = new Conditions(text).read();
  return (message) => {
    let record: unknown;
    try {
      record = JSON.parse(message);
    } catch {
      return false;
    }
    return test(record);
  };
}

const TOKEN = /\s*(&&|\|\||!=|<=|>=|[{}()=<>]|"(?:[^"\\]|\\.)*"|[^\s{}()=<>!&|"]+)/uy;

/** A recursive-descent reader of `{ … }`: `||` binds less than `&&`. */
class Conditions {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) this.#tokens.push(match[1] ?? '');
    if (this.#tokens.join('').length !== text.replace(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/gu, '').length) throw invalid();
  }

  read(): Test {
    this.#expect('{');
    const test = this.#either();
    this.#expect('}');
    if (this.#at < this.#tokens.length) throw invalid();
    return test;
  }

  #either(): Test {
    const tests = [this.#both()];
    while (this.#take('||')) tests.push(this.#both());
    return (record) => tests.some((test) => test(record));
  }

  #both(): Test {
    const tests = [this.#one()];
    while (this.#take('&&')) tests.push(this.#one());
    return (record) => tests.every((test) => test(record));
  }

  #one(): Test {
    if (this.#take('(')) {
      const test = this.#either();
      this.#expect(')');
      return test;
    }
    const select = selector(this.#next());
    const operator = this.#next();
    if (operator.toUpperCase() === 'IS' || operator.toUpperCase() === 'NOT')
      return this.#state(operator.toUpperCase(), select);
    const compare = comparison(operator, this.#next());
    return (record) => {
      const value = select(record);
      return value !== undefined && compare(value);
    };
  }

  /** `IS TRUE`, `IS FALSE`, `IS NULL`, `NOT EXISTS` */
  #state(operator: string, select: (record: unknown) => unknown): Test {
    switch (`${operator} ${this.#next().toUpperCase()}`) {
      case 'IS TRUE':
        return (record) => select(record) === true;
      case 'IS FALSE':
        return (record) => select(record) === false;
      case 'IS NULL':
        return (record) => select(record) === null;
      case 'NOT EXISTS':
        return (record) => select(record) === undefined;
      default:
        throw invalid();
    }
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw invalid();
    return token;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw invalid();
  }
}

/** `$.a.b[0]` */
export function selector(text: string): (record: unknown) => unknown {
  if (!/^\$(?:\.[\w-]+|\[\d+\])+$/u.test(text)) throw invalid();
  const names = text.slice(1).match(/[\w-]+/gu) ?? [];
  return (record) =>
    names.reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      record,
    );
}

function comparison(operator: string, operand: string): (value: unknown) => boolean {
  const quoted = /^"(.*)"$/su.exec(operand)?.[1];
  const number =
    quoted === undefined && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu.test(operand) ? Number(operand) : undefined;
  const equals =
    number === undefined ? like(quoted ?? refuseExpression(operand)) : (value: unknown): boolean => value === number;
  if (operator === '=') return equals;
  if (operator === '!=') return (value) => !equals(value);
  if (number === undefined) throw invalid();
  const orders: Readonly<Record<string, (value: number) => boolean>> = {
    '<': (value) => value < number,
    '<=': (value) => value <= number,
    '>': (value) => value > number,
    '>=': (value) => value >= number,
  };
  const order = orders[operator];
  if (order === undefined) throw invalid();
  return (value) => typeof value === 'number' && order(value);
}

/** A text in which an asterisk stands for any text. */
function like(text: string): (value: unknown) => boolean {
  const source = text.replace(/[\\^$.+?()[\]{}|]/gu, '\\$&').replaceAll('*', '.*');
  const expression = new RegExp(`^${source}$`, 'su');
  return (value) => ['string', 'number', 'boolean'].includes(typeof value) && expression.test(String(value));
}
