import { FUNCTIONS } from './functions.ts';

/** What a definition is refused for before it runs: code and message as AWS words them. */
export interface Complaint {
  readonly code: 'UNSUPPORTED_JSONATA_EXPRESSION';
  readonly message: string;
}

/** JSONata 2.0.6's own functions, without `$eval`. */
const BUILT_IN = new Set([
  ...[
    'sum',
    'count',
    'max',
    'min',
    'average',
    'string',
    'substring',
    'substringBefore',
    'substringAfter',
    'lowercase',
    'uppercase',
  ],
  ...[
    'length',
    'trim',
    'pad',
    'match',
    'contains',
    'replace',
    'split',
    'join',
    'formatNumber',
    'formatBase',
    'formatInteger',
  ],
  ...[
    'parseInteger',
    'number',
    'floor',
    'ceil',
    'round',
    'abs',
    'sqrt',
    'power',
    'boolean',
    'not',
    'map',
    'zip',
    'filter',
    'single',
  ],
  ...[
    'reduce',
    'sift',
    'keys',
    'append',
    'exists',
    'spread',
    'merge',
    'reverse',
    'each',
    'error',
    'assert',
    'type',
    'sort',
  ],
  ...[
    'distinct',
    'base64encode',
    'base64decode',
    'encodeUrlComponent',
    'encodeUrl',
    'decodeUrlComponent',
    'decodeUrl',
    'toMillis',
  ],
  ...['fromMillis', 'clone', ...Object.keys(FUNCTIONS)],
]);

interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly steps?: readonly Node[];
  readonly procedure?: Node;
  readonly arguments?: readonly Node[];
  readonly lhs?: unknown;
}

type Use = 'error-output' | 'other';

/** Walks the syntax tree; `top` holds where a path would read the context item, which Step Functions does not give. */
class Walk {
  readonly complaints: Complaint[] = [];
  /** Functions called by a name that the expression itself does not bind. */
  readonly called = new Set<string>();
  readonly #bound = new Set<string>();
  readonly #use: Use;

  constructor(use: Use) {
    this.#use = use;
  }

  unbound(): string[] {
    return [...this.called].filter((name) => !this.#bound.has(name));
  }

  node(node: unknown, top: boolean): void {
    if (Array.isArray(node)) for (const each of node) this.node(each, top);
    else if (typeof node === 'object' && node !== null && !(node instanceof RegExp)) this.#typed(node, top);
  }

  #typed(node: Node, top: boolean): void {
    switch (node.type) {
      case 'path':
        this.#path(node, top);
        break;
      case 'name':
      case 'wildcard':
      case 'descendant':
        if (top) this.#complain(`Reference to '${String(node.value)}' at the top level is not supported.`);
        break;
      case 'variable':
        this.#variable(node, top);
        break;
      case 'transform':
        this.#children(node, false);
        break;
      default:
        this.#bindings(node);
        this.#children(node, top);
    }
  }

  /** Names that the expression gives to functions, and those by which it calls them. */
  #bindings({ type, procedure, lhs, arguments: parameters = [] }: Node): void {
    if ((type === 'function' || type === 'partial') && procedure?.type === 'variable')
      this.called.add(String(procedure.value));
    if (type === 'bind') this.#bound.add(String((lhs as Node).value));
    if (type === 'lambda') for (const { value } of parameters) this.#bound.add(String(value));
  }

  #path({ steps = [], ...rest }: Node, top: boolean): void {
    const [first, second] = steps;
    this.node(first, top);
    for (const step of steps.slice(1)) this.node(step, false);
    this.#children(rest, false);
    if (
      first?.type === 'variable' &&
      first.value === 'states' &&
      second?.value === 'errorOutput' &&
      this.#use !== 'error-output'
    ) {
      this.#complain("Reference to '$states.errorOutput' is only supported in 'Output' and 'Assign' of a 'Catch'.");
    }
  }

  #variable(node: Node, top: boolean): void {
    if (node.value === '$') this.#complain("Reference to '$$' is not supported.");
    if (node.value === '' && top) this.#complain("Reference to '$' at the top level is not supported.");
    this.#children(node, false);
  }

  /** Predicates, stages, sort terms and groups see the items of what they stand behind. */
  #children(node: Node, top: boolean): void {
    for (const [key, child] of Object.entries(node)) {
      this.node(child, top && !['predicate', 'stages', 'group', 'terms'].includes(key));
    }
  }

  #complain(message: string): void {
    this.complaints.push({ code: 'UNSUPPORTED_JSONATA_EXPRESSION', message });
  }
}

/** What Step Functions refuses in an expression; `variables` are those that some state assigns. */
export function check(ast: unknown, use: Use, variables: ReadonlySet<string>): Complaint[] {
  const walk = new Walk(use);
  walk.node(ast, true);
  const unknown = walk.unbound().filter((name) => !BUILT_IN.has(name) && !variables.has(name));
  return [
    ...walk.complaints,
    ...unknown.map((name) => ({
      code: 'UNSUPPORTED_JSONATA_EXPRESSION' as const,
      message: `The function '$${name}' is not supported.`,
    })),
  ];
}
