import type {
  Header,
  MediaType,
  OpenApiDocument,
  Operation,
  Parameter,
  Response,
  Schema,
} from '../functions/lib/openapi/types.ts';

type Row = readonly string[];

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: '`true` or `false`',
};
const FIELDS = ['field', 'type', 'required', 'default', 'limits', 'meaning'];
const PARAMETERS = ['name', 'in', 'type', 'required', 'default', 'limits', 'meaning'];

const code = (value: unknown): string =>
  `\`${typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}\``;
const presetOf = ({ default: preset }: Schema): string => (preset === undefined ? '' : code(preset));
const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);
const jsonBlock = (value: unknown): string => `\`\`\`json\n${JSON.stringify(value, undefined, 2)}\n\`\`\``;
const sentences = (...texts: (string | undefined)[]): string => texts.filter((text) => (text ?? '') !== '').join(' ');

/** A table; a column in which no row says anything is left out. */
function table(head: Row, rows: readonly Row[]): string {
  const kept = head.map((_, column) => rows.some((row) => row[column] !== ''));
  const line = (cells: Row) =>
    `| ${cells
      .filter((_, column) => kept[column])
      .map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' '))
      .join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const formsOf = ({ anyOf, oneOf }: Schema): readonly Schema[] => anyOf ?? oneOf ?? [];

function typeOf(schema: Schema): string {
  const { $ref, enum: values, items, format, type = 'any JSON' } = schema;
  if ($ref !== undefined) return `[${nameOf($ref)}](#${nameOf($ref).toLowerCase()})`;
  const forms = formsOf(schema);
  if (forms.length > 0)
    return forms.every(({ title }) => title !== undefined) ? 'object' : forms.map(typeOf).join(' or ');
  if (schema.const !== undefined) return code(schema.const);
  if (values !== undefined) return values.map(code).join(', ');
  if (items !== undefined) return `list of ${typeOf(items)}`;
  return (
    format ??
    [type]
      .flat()
      .map((each) => TYPES[each] ?? each)
      .join(' or ')
  );
}

function range(minimum: number | undefined, maximum: number | undefined, unit: string): string {
  const [low, high] = [minimum, maximum].map((limit) => limit?.toLocaleString('en-US'));
  if (low !== undefined && high !== undefined) return `${low} to ${high}${unit}`;
  if (high !== undefined) return `up to ${high}${unit}`;
  return low === undefined ? '' : `at least ${low}${unit}`;
}

function limitsOf({ minimum, maximum, minLength, maxLength, minItems, maxItems, pattern }: Schema): string {
  const limits = [
    range(minimum, maximum, ''),
    range(minLength, maxLength, ' characters'),
    range(minItems, maxItems, ' items'),
    pattern === undefined ? '' : code(pattern),
  ];
  return limits.filter((limit) => limit !== '').join(', ');
}

/** What is said of a value, and of the parts that have no row of their own. */
function meaningOf({ description, items }: Schema): string {
  const each = items?.properties === undefined ? items : undefined;
  return sentences(
    description,
    each?.description && `Each: ${each.description}`,
    each === undefined ? '' : limitsOf(each),
  );
}

/** The fields of an object; those of objects within it follow by their paths, such as `errors[].path`. */
function fieldRows(schema: Schema, path = ''): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const required = schema.required?.includes(name) === true ? 'yes' : '';
    const own = [code(path + name), typeOf(field), required, presetOf(field), limitsOf(field), meaningOf(field)];
    return [own, ...innerRows(field, path + name)];
  });
}

function innerRows(field: Schema, path: string): Row[] {
  if (field.items !== undefined) return innerRows(field.items, `${path}[]`);
  const forms = formsOf(field).filter(({ properties }) => properties !== undefined);
  return [
    ...fieldRows(field, `${path}.`),
    ...forms.flatMap((form) => fieldRows(form, `${path}.`).map((row) => ofForm(row, form))),
  ];
}

const ofForm = ([field = '', ...row]: Row, { title }: Schema): Row => [
  title === undefined ? field : `${field} of \`${title}\``,
  ...row,
];

const parameterRow = ({ name, in: place, required, schema, description }: Parameter): Row => [
  code(name),
  place,
  typeOf(schema),
  required === true ? 'yes' : '',
  presetOf(schema),
  limitsOf(schema),
  description,
];

const headerText = ([name, { description }]: readonly [string, Header]): string => `\`${name}\`: ${description}`;

function answerRow([status, { description, content, headers = {} }]: readonly [string, Response]): Row {
  const bodies = Object.entries(content).map(([type, { schema }]) => `${typeOf(schema)}, \`${type}\``);
  return [status, description, bodies.join('; or '), Object.entries(headers).map(headerText).join(' ')];
}

const examples = (title: string, bodies: readonly MediaType[]): string[] =>
  bodies
    .flatMap(({ examples: given = {} }) => Object.values(given))
    .flatMap((example) => ('value' in example ? [title, jsonBlock(example.value)] : []));

/** A part with its heading, unless there is nothing in it. */
const part = (heading: string, head: Row, rows: readonly Row[]): string[] =>
  rows.length === 0 ? [] : [`### ${heading}`, table(head, rows)];

function routeSection(document: OpenApiDocument, title: string, operation: Operation): string[] {
  const { parameters = [], requestBody, responses, summary, description, operationId } = operation;
  const body = requestBody?.content['application/json'];
  const request = document.components.schemas[nameOf(body?.schema.$ref ?? '')];
  const answered = Object.entries(responses).filter(([status]) => Number(status) < 400);
  return [
    `## ${title}`,
    `${summary} (\`${operationId}\`). ${description}`,
    ...part('Parameters', PARAMETERS, parameters.map(parameterRow)),
    ...(request === undefined ? [] : part('Request', FIELDS, fieldRows(request))),
    ...(request?.description === undefined ? [] : [request.description]),
    ...examples('A request:', body === undefined ? [] : [body]),
    ...part('Answers', ['status', 'when', 'body', 'headers'], Object.entries(responses).map(answerRow)),
    ...answered.flatMap(([status, { content }]) => examples(`An answer with ${status}:`, Object.values(content))),
  ];
}

function schemaSection([name, schema]: readonly [string, Schema]): string[] {
  const rows = fieldRows(schema);
  const body = rows.length === 0 ? `${typeOf(schema)}.` : table(FIELDS, rows);
  return [`### ${name}`, ...(schema.description === undefined ? [] : [schema.description]), body];
}

/** GitHub's anchor of a heading: lower case, no punctuation, hyphens for spaces. */
const anchorOf = (title: string): string =>
  `#${title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-')}`;

/** The page of the API for readers, as Markdown that is not laid out yet. `command` renders it. */
export function apiReference(document: OpenApiDocument, command: string): string {
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  );
  const requests = routes.map(([, { requestBody }]) =>
    nameOf(requestBody?.content['application/json']?.schema.$ref ?? ''),
  );
  const schemas = Object.entries(document.components.schemas).filter(([name]) => !requests.includes(name));
  return [
    '# API reference',
    `<!-- Rendered by \`${command}\` from functions/lib/openapi/ and the schemas; edits here are lost. -->`,
    'Every route, field and answer, from the schemas that validate. [The API](api.md) shows how to use them and explains every problem.',
    table(
      ['route', 'what it does'],
      routes.map(([title, { summary }]) => [`[${code(title)}](${anchorOf(title)})`, summary]),
    ),
    ...routes.flatMap(([title, operation]) => routeSection(document, title, operation)),
    '## Schemas',
    ...schemas.flatMap(schemaSection),
  ].join('\n\n');
}
