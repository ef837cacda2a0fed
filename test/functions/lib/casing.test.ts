import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CATALOGUE } from '../../../functions/lib/catalogue/commands.ts';
import { camelDocument, snakeCase, snakeDocument, writtenPath } from '../../../functions/lib/casing.ts';
import { ExecutionPage, StoppedExecution } from '../../../functions/lib/schemas/execution-document.ts';
import { START_ROUTES } from '../../../functions/lib/schemas/routes.ts';
import * as z from '../../../functions/lib/zod.ts';

const Inner = z.strictObject({ fooBar: z.optional(z.int()) });
const Schema = z.strictObject({
  oneTwo: z.optional(z.array(Inner)),
  byName: z.optional(z.record(z.string(), Inner)),
  any: z.optional(z.unknown()),
  either: z.optional(z.union([z.string(), Inner, z.array(Inner), z.strictObject({ otherKey: z.string() })])),
  kind: z.optional(
    z.discriminatedUnion('theKind', [
      z.strictObject({ theKind: z.literal('a'), theTarget: z.strictObject({ fooBar: z.int() }) }),
      z.strictObject({ theKind: z.literal('b'), theTarget: z.strictObject({ otherKey: z.int() }) }),
    ]),
  ),
  refined: z._default(z.nullable(Inner.check(z.refine(() => true))), null),
  piped: z.optional(
    z.pipe(
      Inner,
      z.transform((inner) => inner),
    ),
  ),
  made: z.optional(
    z.pipe(
      z.transform((given) => given),
      Inner,
    ),
  ),
  both: z.optional(z.intersection(z.object({ leftKey: z.int() }), z.object({ rightKey: z.int() }))),
});

const PAIRS: readonly (readonly [string, unknown, unknown])[] = [
  ['arrays', { one_two: [{ foo_bar: 1 }, {}] }, { oneTwo: [{ fooBar: 1 }, {}] }],
  ['records, whose keys are data', { by_name: { my_key: { foo_bar: 1 } } }, { byName: { my_key: { fooBar: 1 } } }],
  [
    'what is not described',
    { any: { my_key: [{ a_b: 1 }], camelKey: 1 } },
    { any: { my_key: [{ a_b: 1 }], camelKey: 1 } },
  ],
  ['unions of text and objects', { either: { other_key: 'x_y' } }, { either: { otherKey: 'x_y' } }],
  ['unions of objects and arrays', { either: [{ foo_bar: 1 }] }, { either: [{ fooBar: 1 }] }],
  [
    'one form',
    { kind: { the_kind: 'a', the_target: { foo_bar: 1 } } },
    { kind: { theKind: 'a', theTarget: { fooBar: 1 } } },
  ],
  [
    'another',
    { kind: { the_kind: 'b', the_target: { other_key: 1 } } },
    { kind: { theKind: 'b', theTarget: { otherKey: 1 } } },
  ],
  ['refinements, defaults, null', { refined: { foo_bar: 1 } }, { refined: { fooBar: 1 } }],
  ['pipes', { piped: { foo_bar: 1 }, made: { foo_bar: 2 } }, { piped: { fooBar: 1 }, made: { fooBar: 2 } }],
  ['intersections', { both: { left_key: 1, right_key: 2 } }, { both: { leftKey: 1, rightKey: 2 } }],
  ['null', { refined: null }, { refined: null }],
  [
    'what does not fit',
    { one_two: { foo_bar: 1 }, by_name: [1], either: 5 },
    { oneTwo: { foo_bar: 1 }, byName: [1], either: 5 },
  ],
  ['unknown keys', { un_known: { foo_bar: 1 } }, { un_known: { foo_bar: 1 } }],
];

describe('keys', () => {
  it.each(PAIRS)('are spelled one way on the wire and another in the code: %s', (_, wire, code) => {
    expect(camelDocument(Schema, wire)).toEqual({ document: code, twice: [] });
    expect(camelDocument(Schema, code)).toEqual({ document: code, twice: [] });
    expect(snakeDocument(Schema, code)).toEqual(wire);
  });

  it('of the prototype are keys like any other', () => {
    const sent = JSON.parse(
      '{"__proto__": {"foo_bar": 1}, "constructor": 1, "by_name": {"__proto__": {"foo_bar": 1}}}',
    ) as object;
    const { document } = camelDocument(Schema, sent);
    expect(JSON.stringify(document)).toBe(
      '{"__proto__":{"foo_bar":1},"constructor":1,"byName":{"__proto__":{"fooBar":1}}}',
    );
    expect(Object.getPrototypeOf(document)).toBe(Object.prototype);
    expect(Schema.safeParse(document).success).toBe(false);
    expect(JSON.stringify(snakeDocument(Schema, document))).toBe(JSON.stringify(sent));
    expect(writtenPath(Schema, sent, ['__proto__'])).toEqual(['__proto__']);
  });

  it('that are given in both spellings are told, wherever they are', () => {
    const { twice } = camelDocument(Schema, { one_two: [], oneTwo: [], by_name: { x: { foo_bar: 1, fooBar: 1 } } });
    expect(twice.map(({ path }) => path)).toEqual([['one_two'], ['by_name', 'x', 'foo_bar']]);
    expect(twice[0]?.reason).toBe('is given twice, as one_two and as oneTwo');
  });

  it('come back as they were, whatever is sent', () => {
    const Tree: z.ZodMiniType = z.strictObject({
      aB: z.array(z.strictObject({ cD: z.record(z.string(), Inner) })),
      eF: z.unknown(),
    });
    const tree = fc.record({
      aB: fc.array(fc.record({ cD: fc.dictionary(fc.string(), fc.record({ fooBar: fc.integer() })) })),
      eF: fc.jsonValue(),
    });
    fc.assert(
      fc.property(tree, (value) => {
        expect(camelDocument(Tree, snakeDocument(Tree, value)).document).toEqual(value);
      }),
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(() => camelDocument(Schema, value)).not.toThrow()));
  });

  it.each([
    ['a tuple', z.tuple([Inner])],
    ['a map', z.map(z.string(), Inner)],
    ['a lazy', z.lazy(() => Inner)],
  ])('within %s are not guessed at', (_, schema) =>
    expect(() => camelDocument(z.strictObject({ a: schema }), { a: {} })).toThrow('does not know how the keys within'),
  );
});

describe('paths of problems', () => {
  it.each<[string, unknown, PropertyKey[], PropertyKey[]]>([
    ['as sent in snake_case', { one_two: [{ foo_bar: 'x' }] }, ['oneTwo', 0, 'fooBar'], ['one_two', 0, 'foo_bar']],
    ['as sent in camelCase', { oneTwo: [{ fooBar: 'x' }] }, ['oneTwo', 0, 'fooBar'], ['oneTwo', 0, 'fooBar']],
    ['as sent in both', { one_two: [{ fooBar: 'x' }] }, ['oneTwo', 0, 'fooBar'], ['one_two', 0, 'fooBar']],
    ['where nothing was sent', {}, ['oneTwo'], ['one_two']],
    ['of data', { by_name: { aKey: 1 } }, ['byName', 'aKey'], ['by_name', 'aKey']],
    ['of an unknown key', { one_two: [{ noKey: 1 }] }, ['oneTwo', 0, 'noKey'], ['one_two', 0, 'noKey']],
    [
      'within a form',
      { kind: { the_target: {} } },
      ['kind', 'theTarget', 'otherKey'],
      ['kind', 'the_target', 'other_key'],
    ],
    ['within what is nothing', { one_two: null }, ['oneTwo', 0, 'fooBar'], ['one_two', 0, 'foo_bar']],
    ['of no object', 'text', ['oneTwo'], ['one_two']],
    ['of the whole', {}, [], []],
  ])('are told %s', (_, sent, path, written) => expect(writtenPath(Schema, sent, path)).toEqual(written));

  it('stay as long as they are, whatever was sent', () => {
    const path = fc.array(
      fc.oneof(fc.nat({ max: 3 }), fc.string(), fc.constantFrom('oneTwo', 'fooBar', '__proto__', 'length')),
    );
    fc.assert(
      fc.property(fc.jsonValue(), path, (sent, keys) =>
        expect(writtenPath(Schema, sent, keys)).toHaveLength(keys.length),
      ),
    );
  });
});

describe('the schemas of the API', () => {
  it('are of what can be spelled', () => {
    for (const { request, result, example } of START_ROUTES) {
      expect(camelDocument(request, example).twice).toEqual([]);
      expect(() => snakeDocument(result, {})).not.toThrow();
    }
    for (const schema of [StoppedExecution, ExecutionPage]) expect(() => snakeDocument(schema, {})).not.toThrow();
  });

  it('have parameters of the catalogue that are spelled the same everywhere', () => {
    for (const { parameters } of Object.values(CATALOGUE))
      for (const name of Object.keys(parameters)) expect(name).toBe(snakeCase(name));
  });
});
