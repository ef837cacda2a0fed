import { piecesOf } from './substitution.ts';
import type { Json, JsonObject } from './template.ts';

/** Where an intrinsic function finds what it names. Each throws an Error for a name that is not there. */
export interface Scope {
  /** A parameter, a pseudo parameter or a resource. */
  ref(name: string): Json;
  attribute(logicalId: string, name: string): Json;
  /** The condition of that name. */
  condition(name: string): boolean;
  mapping(map: string, first: string, second: string): Json;
  importValue(name: string): string;
  availabilityZones(region: string): readonly string[];
}

/** What AWS::NoValue stands for: the property or the list item is left out. */
const NO_VALUE = Symbol('AWS::NoValue');
type Resolved = Json | typeof NO_VALUE;

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fail(problem: string): never {
  throw new Error(problem);
}

function text(value: Json, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return fail(`${where} takes text, not ${JSON.stringify(value)}`);
}

function list(value: Json | undefined, where: string, length?: number): readonly Json[] {
  if (!Array.isArray(value)) return fail(`${where} takes a list, not ${JSON.stringify(value)}`);
  if (length !== undefined && value.length !== length) fail(`${where} takes ${length} values, not ${value.length}`);
  return value as readonly Json[];
}

type Intrinsic = (argument: Json, resolver: Resolver) => Resolved;

/** The intrinsic functions. Source: CloudFormation Template Reference, "Intrinsic function reference". */
const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, { scope }) => (argument === 'AWS::NoValue' ? NO_VALUE : scope.ref(text(argument, 'Ref'))),
  'Fn::GetAtt': (argument, resolver) => {
    const [logicalId = '', attribute] =
      typeof argument === 'string' ? splitOnce(argument) : list(argument, 'Fn::GetAtt', 2);
    const name =
      attribute === undefined ? fail(`Fn::GetAtt of ${JSON.stringify(argument)} names no attribute`) : attribute;
    return resolver.scope.attribute(text(logicalId, 'Fn::GetAtt'), text(resolver.resolve(name), 'Fn::GetAtt'));
  },
  'Fn::Sub': (argument, resolver) => {
    const [template = '', given = {}] = typeof argument === 'string' ? [argument] : list(argument, 'Fn::Sub', 2);
    if (!isObject(given)) return fail('Fn::Sub takes a map of variables');
    const put = (name: string): Json => {
      if (Object.hasOwn(given, name)) return resolver.resolve(given[name] ?? null);
      return name.includes('.') && !name.startsWith('AWS::')
        ? resolver.scope.attribute(...splitOnce(name))
        : resolver.scope.ref(name);
    };
    const pieces = piecesOf(text(template, 'Fn::Sub'));
    return pieces
      .map((piece) => ('text' in piece ? piece.text : text(put(piece.name), `Fn::Sub of ${piece.name}`)))
      .join('');
  },
  'Fn::Join': (argument, resolver) => {
    const [delimiter = '', values] = list(argument, 'Fn::Join', 2);
    const resolved = list(resolver.resolve(values ?? null), 'Fn::Join');
    return resolved.map((value) => text(value, 'Fn::Join')).join(text(delimiter, 'Fn::Join'));
  },
  'Fn::Select': (argument, resolver) => {
    const [index = null, values = null] = list(argument, 'Fn::Select', 2);
    const at = Number(text(resolver.resolve(index), 'Fn::Select'));
    const choices = list(resolver.resolve(values), 'Fn::Select');
    return choices[at] ?? fail(`Fn::Select cannot select nonexistent value at index ${at} of ${choices.length}`);
  },
  'Fn::Split': (argument, resolver) => {
    const [delimiter = '', value = null] = list(argument, 'Fn::Split', 2);
    const by = text(delimiter, 'Fn::Split');
    if (by === '') return fail('Fn::Split takes a delimiter');
    return text(resolver.resolve(value), 'Fn::Split').split(by);
  },
  'Fn::If': (argument, resolver) => {
    const [condition = '', then = null, otherwise = null] = list(argument, 'Fn::If', 3);
    return resolver.value(resolver.scope.condition(text(condition, 'Fn::If')) ? then : otherwise);
  },
  'Fn::FindInMap': (argument, resolver) => {
    const keys = list(argument, 'Fn::FindInMap', 3).map((key) => text(resolver.resolve(key), 'Fn::FindInMap'));
    const [map = '', first = '', second = ''] = keys;
    return resolver.scope.mapping(map, first, second);
  },
  'Fn::ImportValue': (argument, resolver) =>
    resolver.scope.importValue(text(resolver.resolve(argument), 'Fn::ImportValue')),
  'Fn::Base64': (argument, resolver) => Buffer.from(text(resolver.resolve(argument), 'Fn::Base64')).toString('base64'),
  'Fn::GetAZs': (argument, resolver) => [
    ...resolver.scope.availabilityZones(text(resolver.resolve(argument), 'Fn::GetAZs')),
  ],
};

function splitOnce(name: string): [string, string] {
  const dot = name.indexOf('.');
  if (dot <= 0) return fail(`Fn::GetAtt of '${name}' names no attribute`);
  return [name.slice(0, dot), name.slice(dot + 1)];
}

type Test = (argument: Json, resolver: Resolver) => boolean;

const all = (argument: Json, where: string): readonly Json[] => {
  const conditions = list(argument, where);
  if (conditions.length < 1 || conditions.length > 10) fail(`${where} takes up to 10 conditions`);
  return conditions;
};

const strings = (value: Json, resolver: Resolver, where: string): readonly string[] =>
  list(resolver.resolve(value), where).map((each) => text(each, where));

/** The condition functions, and those that rules have besides. */
const TESTS: Readonly<Record<string, Test>> = {
  Condition: (argument, { scope }) => scope.condition(text(argument, 'Condition')),
  'Fn::Equals': (argument, resolver) => {
    const [left, right] = list(argument, 'Fn::Equals', 2).map((value) => text(resolver.resolve(value), 'Fn::Equals'));
    return left === right;
  },
  'Fn::Not': (argument, resolver) => !resolver.test(list(argument, 'Fn::Not', 1)[0] ?? null),
  'Fn::And': (argument, resolver) => all(argument, 'Fn::And').every((condition) => resolver.test(condition)),
  'Fn::Or': (argument, resolver) => all(argument, 'Fn::Or').some((condition) => resolver.test(condition)),
  'Fn::Contains': (argument, resolver) => {
    const [values = null, value = null] = list(argument, 'Fn::Contains', 2);
    return strings(values, resolver, 'Fn::Contains').includes(text(resolver.resolve(value), 'Fn::Contains'));
  },
  'Fn::EachMemberEquals': (argument, resolver) => {
    const [values = null, value = null] = list(argument, 'Fn::EachMemberEquals', 2);
    const expected = text(resolver.resolve(value), 'Fn::EachMemberEquals');
    return strings(values, resolver, 'Fn::EachMemberEquals').every((each) => each === expected);
  },
  'Fn::EachMemberIn': (argument, resolver) => {
    const [values = null, within = null] = list(argument, 'Fn::EachMemberIn', 2);
    const allowed = strings(within, resolver, 'Fn::EachMemberIn');
    return strings(values, resolver, 'Fn::EachMemberIn').every((each) => allowed.includes(each));
  },
};

/** The one function that a value is, where it is one. */
function functionOf(value: JsonObject): readonly [name: string, argument: Json] | undefined {
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0) return undefined;
  return entry[0] === 'Ref' || entry[0] === 'Condition' || entry[0].startsWith('Fn::') ? entry : undefined;
}

/** Replaces intrinsic functions by what they stand for. Throws an Error that says which function could not be resolved. */
export class Resolver {
  readonly scope: Scope;

  constructor(scope: Scope) {
    this.scope = scope;
  }

  /** A value without intrinsic functions in it. */
  resolve(value: Json): Json {
    const resolved = this.value(value);
    return resolved === NO_VALUE ? fail('AWS::NoValue stands where a value is needed') : resolved;
  }

  value(value: Json): Resolved {
    if (Array.isArray(value))
      return (value as readonly Json[]).map((each) => this.value(each)).filter((each) => each !== NO_VALUE);
    if (!isObject(value)) return value;
    const called = functionOf(value);
    // A policy statement has one key Condition too; outside Conditions it is no function.
    if (called === undefined || called[0] === 'Condition') return this.#members(value);
    const [name, argument] = called;
    return (INTRINSICS[name] ?? fail(`the sandbox does not know ${name}`))(argument, this);
  }

  /** Whether a condition holds. */
  test(condition: Json): boolean {
    const [name, argument] =
      (isObject(condition) && functionOf(condition)) || fail(`${JSON.stringify(condition)} is no condition`);
    return (TESTS[name] ?? fail(`the sandbox does not know the condition function ${name}`))(argument, this);
  }

  #members(value: JsonObject): Json {
    const members: Record<string, Json> = {};
    for (const [key, each] of Object.entries(value)) {
      const resolved = this.value(each);
      if (resolved !== NO_VALUE) members[key] = resolved;
    }
    return members;
  }
}

/** Every name that a value refers to by Ref, Fn::GetAtt or Fn::Sub. */
export function namesIn(value: Json): ReadonlySet<string> {
  const names = new Set<string>();
  const collect = (each: Json): void => {
    if (typeof each !== 'object' || each === null) return;
    Object.values(each).forEach(collect);
    if (!isObject(each)) return;
    const [name, argument] = functionOf(each) ?? [];
    if (name === 'Ref' && typeof argument === 'string') names.add(argument);
    else if (name === 'Fn::GetAtt') names.add(ownerOf(argument));
    else if (name === 'Fn::Sub' && argument !== undefined) for (const used of substituted(argument)) names.add(used);
  };
  collect(value);
  return names;
}

/** The resource of which an Fn::GetAtt takes an attribute. */
function ownerOf(argument: Json | undefined): string {
  if (typeof argument === 'string') return splitOnce(argument)[0];
  return text(list(argument, 'Fn::GetAtt', 2)[0] ?? null, 'Fn::GetAtt');
}

function substituted(argument: Json): readonly string[] {
  const [template, given = {}] = Array.isArray(argument) ? (argument as readonly Json[]) : [argument];
  if (typeof template !== 'string') return [];
  const own = isObject(given) ? given : {};
  const used = piecesOf(template).flatMap((piece) => ('name' in piece ? [piece.name] : []));
  return used
    .filter((name) => !Object.hasOwn(own, name))
    .map((name) => (name.startsWith('AWS::') ? name : (name.split('.')[0] ?? name)));
}
