import { FromStringShapeDeserializer } from '@smithy/core/protocols';
import { AwsError } from '../core/aws-error.ts';
import { membersOf, traitsOf, type NormalizedSchema } from './schema.ts';

/** A form-encoded input as a tree: `Filter.1.Name=x` is Filter > 1 > Name with the value x. */
interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

const simple = new FromStringShapeDeserializer({ timestampFormat: { useTrait: true, default: 5 } });
const PROTOCOL_KEYS = new Set(['Action', 'Version', 'AWSAccessKeyId']);

function treeOf(parameters: URLSearchParams): Node {
  const root: Node = { children: new Map() };
  for (const [key, value] of parameters) {
    if (PROTOCOL_KEYS.has(key)) continue;
    let node = root;
    for (const part of key.split('.')) {
      const child = node.children.get(part) ?? { children: new Map<string, Node>() };
      node.children.set(part, child);
      node = child;
    }
    node.value = value;
  }
  return root;
}

/** The name of a member in a query; EC2 has a trait of its own for it, or takes the XML name with a capital. */
export function queryKey(ec2: boolean, name: string, member: NormalizedSchema): string {
  const { ec2QueryName, xmlName } = traitsOf(member);
  const key = xmlName ?? name;
  return ec2 ? (ec2QueryName ?? key.charAt(0).toUpperCase() + key.slice(1)) : key;
}

/** Reads the inputs of awsQuery and, with its other names and flat lists, of ec2Query. */
export class QueryReader {
  readonly #ec2: boolean;

  constructor(ec2: boolean) {
    this.#ec2 = ec2;
  }

  read(schema: NormalizedSchema, parameters: URLSearchParams): unknown {
    return schema.isStructSchema() ? this.#structure(schema, treeOf(parameters)) : {};
  }

  #value(schema: NormalizedSchema, node: Node): unknown {
    if (schema.isStructSchema()) return this.#structure(schema, node);
    if (schema.isListSchema()) return this.#list(schema, node);
    if (schema.isMapSchema()) return this.#map(schema, node);
    return this.#simple(schema, node.value ?? '');
  }

  #structure(schema: NormalizedSchema, node: Node): Record<string, unknown> {
    const known = new Map(
      membersOf(schema).map(([name, member]) => [queryKey(this.#ec2, name, member), [name, member] as const]),
    );
    const read: Record<string, unknown> = {};
    for (const [key, child] of node.children) {
      const found = known.get(key);
      if (found === undefined && this.#ec2)
        throw new AwsError('UnknownParameter', `The parameter ${key} is not recognized`);
      if (found !== undefined) read[found[0]] = this.#value(found[1], child);
    }
    return read;
  }

  #list(schema: NormalizedSchema, node: Node): unknown[] {
    const flat = this.#ec2 || traitsOf(schema).xmlFlattened !== undefined;
    const items = flat ? node : node.children.get(traitsOf(schema.getValueSchema()).xmlName ?? 'member');
    return this.#numbered(items).map((item) => this.#value(schema.getValueSchema(), item));
  }

  #map(schema: NormalizedSchema, node: Node): Record<string, unknown> {
    const entries = traitsOf(schema).xmlFlattened === undefined ? node.children.get('entry') : node;
    const [key, value] = [schema.getKeySchema(), schema.getValueSchema()];
    const pairs = this.#numbered(entries).map((entry) => {
      const of = (member: NormalizedSchema, name: string): Node =>
        entry.children.get(traitsOf(member).xmlName ?? name) ?? { children: new Map() };
      return [of(key, 'key').value ?? '', this.#value(value, of(value, 'value'))] as const;
    });
    return Object.fromEntries(pairs);
  }

  #numbered(node: Node | undefined): Node[] {
    return [...(node?.children ?? [])].sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);
  }

  #simple(schema: NormalizedSchema, text: string): unknown {
    const invalid = new AwsError(
      this.#ec2 ? 'InvalidParameterValue' : 'MalformedInput',
      `Invalid value '${text}' for ${schema.getMemberName()}`,
    );
    if (schema.isBooleanSchema() && !/^(true|false)$/i.test(text)) throw invalid;
    if (schema.isNumericSchema() && (text.trim() === '' || Number.isNaN(Number(text)))) throw invalid;
    try {
      return simple.read(schema, text) as unknown;
    } catch {
      throw invalid;
    }
  }
}
