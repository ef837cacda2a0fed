import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { namesIn, Resolver, type Scope } from '../../../sandbox/cloudformation/intrinsics.ts';
import { piecesOf } from '../../../sandbox/cloudformation/substitution.ts';
import type { Json } from '../../../sandbox/cloudformation/template.ts';

const scope: Scope = {
  ref: (name) => (name === 'List' ? ['a', 'b', 'c'] : `ref-${name}`),
  attribute: (id, name) => `att-${id}-${name}`,
  condition: (name) => name === 'Yes',
  mapping: (map, first, second) => `${map}/${first}/${second}`,
  importValue: (name) => `import-${name}`,
  availabilityZones: () => ['a', 'b'],
};
const resolver = new Resolver(scope);

describe('intrinsic functions', () => {
  it.each<[string, Json, Json]>([
    ['Ref', { Ref: 'X' }, 'ref-X'],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['X', 'Arn'] }, 'att-X-Arn'],
    ['Fn::GetAtt as text', { 'Fn::GetAtt': 'X.Endpoint.Address' }, 'att-X-Endpoint.Address'],
    [
      'Fn::Sub',
      { 'Fn::Sub': 'a${X}b${X.Arn}c${AWS::Region}${!Literal}$' },
      'aref-Xbatt-X-Arncref-AWS::Region${Literal}$',
    ],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${V}-${X}', { V: { Ref: 'Y' } }] }, 'ref-Y-ref-X'],
    ['Fn::Join', { 'Fn::Join': [':', ['a', { Ref: 'X' }, 7]] }, 'a:ref-X:7'],
    ['Fn::Join of a list parameter', { 'Fn::Join': ['', { Ref: 'List' }] }, 'abc'],
    ['Fn::Join without a value', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }, 'b']] }, 'a-b'],
    ['Fn::Select', { 'Fn::Select': ['1', { 'Fn::Split': ['|', 'a|b|c'] }] }, 'b'],
    ['Fn::Split', { 'Fn::Split': [',', 'a,,b'] }, ['a', '', 'b']],
    ['Fn::If', { 'Fn::If': ['Yes', { Ref: 'X' }, { Ref: 'Y' }] }, 'ref-X'],
    ['Fn::If the other way', { 'Fn::If': ['No', { Ref: 'X' }, ['y']] }, ['y']],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['M', { Ref: 'X' }, 'k'] }, 'M/ref-X/k'],
    ['Fn::ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': '${X}-id' } }, 'import-ref-X-id'],
    ['Fn::Base64', { 'Fn::Base64': 'ü' }, 'w7w='],
    ['Fn::GetAZs', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, 'a'],
    [
      'AWS::NoValue',
      {
        a: { Ref: 'AWS::NoValue' },
        b: [{ Ref: 'AWS::NoValue' }, 1],
        c: { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] },
      },
      { b: [1] },
    ],
    [
      'a policy condition',
      { Condition: { StringEquals: { k: { Ref: 'X' } } } },
      { Condition: { StringEquals: { k: 'ref-X' } } },
    ],
  ])('%s', (_, value, expected) => expect(resolver.resolve(value)).toEqual(expected));

  it.each<[string, Json, string]>([
    ['Fn::Cidr', { 'Fn::Cidr': ['10.0.0.0/8', 2, 8] }, 'the sandbox does not know Fn::Cidr'],
    ['Fn::Transform', { 'Fn::Transform': { Name: 'AWS::Include' } }, 'the sandbox does not know Fn::Transform'],
    ['a selection beyond the end', { 'Fn::Select': [3, ['a']] }, 'nonexistent value at index 3'],
    ['a join of no list', { 'Fn::Join': [',', 'a'] }, 'Fn::Join takes a list, not "a"'],
    ['a list in Fn::Sub', { 'Fn::Sub': '${List}' }, 'Fn::Sub of List takes text'],
    ['too few arguments', { 'Fn::If': ['Yes', 1] }, 'Fn::If takes 3 values, not 2'],
    ['an attribute without a name', { 'Fn::GetAtt': 'X' }, 'names no attribute'],
    ['a strange variable', { 'Fn::Sub': '${a b}' }, "variable name 'a b'"],
  ])('refuses %s', (_, value, problem) => expect(() => resolver.resolve(value)).toThrow(problem));

  it('takes JSON without functions as it is', () => {
    const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);
    const plain = json.filter(
      (value) =>
        !/"(Ref|Condition|Fn::[^"]*)":/.test(JSON.stringify(value)) && !JSON.stringify(value).includes('__proto__'),
    );
    fc.assert(fc.property(plain, (value) => expect(resolver.resolve(value)).toEqual(value)));
  });

  it('puts Join and Split back together', () => {
    const part = fc.string().filter((text) => !text.includes('|'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        expect(resolver.resolve({ 'Fn::Split': ['|', { 'Fn::Join': ['|', parts] }] })).toEqual(parts);
      }),
    );
  });

  it('leaves a text without variables alone, and keeps every character around them', () => {
    const around = fc.string().filter((text) => !text.includes('${') && !text.endsWith('$'));
    fc.assert(
      fc.property(fc.array(around, { minLength: 1 }), (texts) => {
        expect(resolver.resolve({ 'Fn::Sub': texts.join('${X}') })).toBe(texts.join('ref-X'));
        expect(resolver.resolve({ 'Fn::Sub': texts.join('${!X}') })).toBe(texts.join('${X}'));
      }),
    );
  });

  it('finds every name that resolving asks for', () => {
    const name = fc.stringMatching(/^[A-Z][a-z]{1,5}$/).filter((text) => text !== 'List');
    const leaf: fc.Arbitrary<Json> = fc.oneof(
      fc.string().filter((text) => !text.includes('${')),
      name.map((Ref) => ({ Ref })),
      fc.tuple(name, name).map((pair) => ({ 'Fn::GetAtt': pair })),
      fc.tuple(name, name).map(([id, attribute]) => ({ 'Fn::GetAtt': `${id}.${attribute}` })),
      fc.tuple(name, name).map(([a, b]) => ({ 'Fn::Sub': `\${${a}}/\${${b}.Arn}` })),
    );
    const value: fc.Arbitrary<Json> = fc.oneof(
      leaf,
      fc.array(leaf),
      leaf.map((each) => ({ 'Fn::Join': ['', [each]] })),
      fc.dictionary(name, leaf),
    );
    fc.assert(
      fc.property(value, (each) => {
        const asked = new Set<string>();
        const ask = (id: string): string => {
          asked.add(id);
          return id;
        };
        new Resolver({ ...scope, ref: ask, attribute: ask }).resolve(each);
        expect([...namesIn(each)].sort()).toEqual([...asked].sort());
      }),
    );
  });
});

describe('conditions', () => {
  const yes = { Condition: 'Yes' };
  const no = { 'Fn::Not': [yes] };
  it.each<[string, Json, boolean]>([
    ['Fn::Equals', { 'Fn::Equals': [{ Ref: 'X' }, 'ref-X'] }, true],
    ['Fn::Equals of unlike', { 'Fn::Equals': ['1', 2] }, false],
    ['Fn::Not', no, false],
    ['Fn::And', { 'Fn::And': [yes, no] }, false],
    ['Fn::Or', { 'Fn::Or': [no, yes] }, true],
    ['Fn::Contains', { 'Fn::Contains': [['a', 'b'], 'b'] }, true],
    ['Fn::EachMemberEquals', { 'Fn::EachMemberEquals': [['a', 'b'], 'a'] }, false],
    ['Fn::EachMemberIn', { 'Fn::EachMemberIn': [['a', 'b'], { Ref: 'List' }] }, true],
  ])('%s', (_, condition, expected) => expect(resolver.test(condition)).toBe(expected));

  it('refuses what is no condition', () => {
    expect(() => resolver.test('true')).toThrow('"true" is no condition');
    expect(() => resolver.test({ 'Fn::RefAll': 'x' })).toThrow('does not know the condition function Fn::RefAll');
  });
});

describe('piecesOf', () => {
  it('takes texts apart so that they can be put together again', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/\$\{/.test(text)),
        (text) => {
          expect(piecesOf(text)).toEqual(text === '' ? [] : [{ text }]);
        },
      ),
    );
  });
});
