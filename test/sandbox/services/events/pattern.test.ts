import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compilePattern, parsePattern } from '../../../../sandbox/services/events/pattern.ts';

const matches = (pattern: object, event: unknown): boolean => compilePattern(pattern)(event);

describe('event patterns', () => {
  const event = {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: {
      status: 'FAILED',
      count: 5,
      ratio: 0.5,
      ok: true,
      cause: null,
      address: '10.0.1.17',
      address6: '2001:db8::7',
      tags: ['red', 'green'],
      none: [],
      instances: [
        { id: 'i-1', state: 'running' },
        { id: 'i-2', state: 'stopped', zone: 'a' },
      ],
      nested: [[{ id: 'i-3' }]],
    },
  };
  const detail = (pattern: object) => matches({ detail: pattern }, event);

  it.each<[string, object, boolean]>([
    ['a value of the list', { status: ['ABORTED', 'FAILED'] }, true],
    ['no value of the list', { status: ['ABORTED'] }, false],
    ['fields are and-ed', { status: ['FAILED'], count: [6] }, false],
    ['numbers', { count: [5], ratio: [0.5] }, true],
    ['a number is no string', { count: ['5'] }, false],
    ['true, null', { ok: [true], cause: [null] }, true],
    ['null is not absent', { missing: [null] }, false],
    ['any element of an array', { tags: ['green'] }, true],
    ['prefix', { status: [{ prefix: 'FA' }] }, true],
    ['prefix, other case', { status: [{ prefix: 'fa' }] }, false],
    ['prefix, any case', { status: [{ prefix: { 'equals-ignore-case': 'fa' } }] }, true],
    ['prefix of a number', { count: [{ prefix: '5' }] }, false],
    ['suffix', { status: [{ suffix: 'ED' }] }, true],
    ['suffix, any case', { status: [{ suffix: { 'equals-ignore-case': 'ed' } }] }, true],
    ['equals-ignore-case', { status: [{ 'equals-ignore-case': 'failed' }] }, true],
    ['anything-but', { status: [{ 'anything-but': 'SUCCEEDED' }] }, true],
    ['anything-but itself', { status: [{ 'anything-but': ['FAILED', 'ABORTED'] }] }, false],
    ['anything-but a number', { count: [{ 'anything-but': 5 }] }, false],
    ['anything-but other numbers', { count: [{ 'anything-but': [4, 6] }] }, true],
    ['anything-but needs the field', { missing: [{ 'anything-but': 'x' }] }, false],
    ['anything-but prefix', { status: [{ 'anything-but': { prefix: 'FA' } }] }, false],
    ['anything-but prefixes', { status: [{ 'anything-but': { prefix: ['SU', 'AB'] } }] }, true],
    ['anything-but suffix', { status: [{ 'anything-but': { suffix: 'ED' } }] }, false],
    ['anything-but in any case', { status: [{ 'anything-but': { 'equals-ignore-case': ['failed'] } }] }, false],
    ['anything-but wildcard', { status: [{ 'anything-but': { wildcard: '*AIL*' } }] }, false],
    ['anything-but, some element', { tags: [{ 'anything-but': 'red' }] }, true],
    ['numeric equals', { count: [{ numeric: ['=', 5] }] }, true],
    ['numeric range', { count: [{ numeric: ['>', 0, '<=', 5] }] }, true],
    ['numeric range, open', { count: [{ numeric: ['>=', 0, '<', 5] }] }, false],
    ['numeric of a string', { status: [{ numeric: ['>', 0] }] }, false],
    ['exists', { status: [{ exists: true }], cause: [{ exists: true }] }, true],
    ['exists, of an object', { instances: [{ exists: true }] }, false],
    ['exists, not', { missing: [{ exists: false }] }, true],
    ['exists, not, yet there', { status: [{ exists: false }] }, false],
    ['exists, not, below what is missing', { missing: { deep: [{ exists: false }] } }, true],
    ['exists, not, in an empty array', { none: [{ exists: false }] }, true],
    ['absent, or a value', { missing: ['x', { exists: false }] }, true],
    ['absence is asked of all elements', { instances: { zone: [{ exists: false }] } }, false],
    ['cidr', { address: [{ cidr: '10.0.1.0/24' }] }, true],
    ['cidr, outside', { address: [{ cidr: '10.0.2.0/23' }] }, false],
    ['cidr, no bits', { address: [{ cidr: '0.0.0.0/0' }] }, true],
    ['cidr, other version', { address: [{ cidr: '::/0' }] }, false],
    ['cidr v6', { address6: [{ cidr: '2001:db8::/64' }] }, true],
    ['cidr of what is no address', { status: [{ cidr: '0.0.0.0/0' }] }, false],
    ['wildcard', { status: [{ wildcard: 'F*L*D' }] }, true],
    ['wildcard, whole text', { status: [{ wildcard: 'AIL*' }] }, false],
    ['wildcard, escaped', { status: [{ wildcard: 'F\\*D' }] }, false],
    ['$or', { $or: [{ status: ['ABORTED'] }, { count: [5] }] }, true],
    ['$or, none', { $or: [{ status: ['ABORTED'] }, { count: [6] }] }, false],
    ['$or and more', { ok: [false], $or: [{ status: ['FAILED'] }, { count: [5] }] }, false],
    ['$or in $or', { $or: [{ ok: [false] }, { $or: [{ ok: [1] }, { cause: [null] }] }] }, true],
    ['objects of an array', { instances: { id: ['i-2'] } }, true],
    ['fields of one object', { instances: { id: ['i-1'], state: ['running'] } }, true],
    ['fields of different objects', { instances: { id: ['i-1'], state: ['stopped'] } }, false],
    ['objects of nested arrays', { nested: { id: ['i-3'] } }, true],
  ])('%s', (_name, pattern, expected) => {
    expect(detail(pattern)).toBe(expected);
  });

  it('escapes what a regular expression would read', () => {
    expect(matches({ a: [{ wildcard: 'a.b(*)[c]\\\\' }] }, { a: 'a.b(x)[c]\\' })).toBe(true);
    expect(matches({ a: [{ wildcard: 'a.b' }] }, { a: 'axb' })).toBe(false);
  });

  it('looks at own fields only', () => {
    expect(matches({ constructor: { name: ['Object'] } }, {})).toBe(false);
    expect(matches({ toString: [{ exists: false }] }, {})).toBe(true);
  });
});

describe('what is no pattern', () => {
  it.each<[unknown, string]>([
    [[], 'Filter is not an object'],
    [{}, 'Empty objects are not allowed'],
    [{ detail: {} }, 'Empty objects are not allowed'],
    [{ detail: [] }, 'Empty arrays are not allowed'],
    [{ source: 'aws.ec2' }, '"source" must be an object or an array'],
    [{ source: [['aws.ec2']] }, 'Match value must be String, number, true, false, or null'],
    [{ source: [{}] }, 'Match expression name not found'],
    [{ source: [{ like: 'x' }] }, 'Unrecognized match type like'],
    [{ source: [{ prefix: 'x', suffix: 'y' }] }, 'Only one key allowed in match expression'],
    [{ source: [{ prefix: 1 }] }, 'prefix match pattern must be a string'],
    [{ source: [{ exists: 'yes' }] }, 'exists match pattern must be either true or false.'],
    [{ source: [{ wildcard: 'a**b' }] }, 'Consecutive wildcard characters at pos 1'],
    [{ source: [{ wildcard: 'a\\n' }] }, 'Invalid escape character at pos 1'],
    [
      { source: [{ 'anything-but': [1, 'a'] }] },
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    ],
    [{ source: [{ 'anything-but': [null] }] }, 'Inside anything but list, start|null|boolean is not supported.'],
    [{ source: [{ 'anything-but': true }] }, 'Value of anything-but must be an array or single string/number value.'],
    [{ source: [{ 'anything-but': { cidr: '::/0' } }] }, 'Unsupported anything-but pattern: cidr'],
    [{ source: [{ 'anything-but': { prefix: '' } }] }, 'Null prefix/suffix not allowed'],
    [{ source: [{ numeric: '=' }] }, 'Value of numeric must be an array.'],
    [{ source: [{ numeric: [5] }] }, 'Invalid member in numeric match: 5'],
    [{ source: [{ numeric: ['!', 5] }] }, 'Unrecognized numeric range operator: !'],
    [{ source: [{ numeric: ['=', '5'] }] }, 'Value of equals must be numeric'],
    [{ source: [{ numeric: ['<', 5, '>', 1] }] }, 'Too many elements in numeric expression'],
    [{ source: [{ numeric: ['>', 5, '<', 1] }] }, 'Bottom must be less than top'],
    [{ source: [{ numeric: ['>', 6e9] }] }, 'Value must be between -5.0E9 and 5.0E9, inclusive'],
    [{ source: [{ cidr: '10.0.0.0' }] }, "Malformed CIDR, one '/' required"],
    [{ source: [{ cidr: '10.0.0.0/x' }] }, 'Malformed CIDR, mask bits must be an integer'],
    [{ source: [{ cidr: '10.0.0.0/33' }] }, 'IPv4 mask bits must be at most 32'],
    [{ $or: { a: [1] } }, 'It must be an Array followed with $or.'],
    [{ $or: [{ a: [1] }] }, 'There must have at least 2 Objects in $or relationship.'],
    [{ $or: [{ a: [1] }, 2] }, 'Only JSON object is allowed in array of $or relationship.'],
  ])('%j', (pattern, reason) => {
    expect(() => compilePattern(pattern)).toThrow(
      expect.objectContaining({
        code: 'InvalidEventPatternException',
        message: `Event pattern is not valid. Reason: ${reason}`,
      }),
    );
  });

  it('text that is no JSON', () => {
    expect(() => parsePattern('{')).toThrow('Event pattern is not valid. Reason: Invalid JSON');
  });

  it('more combinations than AWS allows', () => {
    const or = () => ({ $or: Array.from({ length: 10 }, (_, index) => ({ [`f${index}`]: [1] })) });
    expect(() => compilePattern({ a: or(), b: or(), c: or() })).not.toThrow();
    expect(() => compilePattern({ a: or(), b: or(), c: or(), d: { $or: [{ x: [1] }, { y: [1] }] } })).toThrow(
      /at most 1000/,
    );
  });
});

describe('for any event', () => {
  const leaf = fc.oneof(fc.string(), fc.integer({ min: -1000, max: 1000 }), fc.boolean(), fc.constant(null));
  const event = fc.dictionary(
    fc.string({ minLength: 1 }).filter((name) => name !== '$or' && name !== '__proto__'),
    leaf,
    { minKeys: 1, maxKeys: 5 },
  );

  it('its own values match it, and one changed value does not', () => {
    fc.assert(
      fc.property(event, (fields) => {
        const entries = Object.entries(fields);
        const pattern = Object.fromEntries(entries.map(([name, value]) => [name, [value]]));
        expect(matches(pattern, fields)).toBe(true);
        for (const [name, value] of entries)
          expect(matches({ ...pattern, [name]: [`not ${String(value)}`] }, fields)).toBe(false);
      }),
    );
  });

  it('anything-but is the contrary of the value, of the prefix and of the wildcard', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (wanted, value) => {
        const yes = (filter: object | string) => matches({ a: [filter] }, { a: value });
        expect(yes({ 'anything-but': wanted })).toBe(!yes(wanted));
        expect(yes({ 'anything-but': { prefix: wanted } })).toBe(!yes({ prefix: wanted }));
        expect(yes({ prefix: wanted })).toBe(yes({ wildcard: `${wanted.replace(/[\\*]/gu, '\\$&')}*` }));
        expect(yes({ suffix: wanted })).toBe(yes({ wildcard: `*${wanted.replace(/[\\*]/gu, '\\$&')}` }));
      }),
    );
  });

  it('$or matches when one of its branches does', () => {
    fc.assert(
      fc.property(event, fc.array(leaf, { minLength: 2, maxLength: 4 }), (fields, wanted) => {
        const [name = ''] = Object.keys(fields);
        const branches = wanted.map((value) => ({ [name]: [value] }));
        expect(matches({ $or: branches }, fields)).toBe(branches.some((branch) => matches(branch, fields)));
      }),
    );
  });

  it('a cidr holds exactly the addresses that share its bits', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    fc.assert(
      fc.property(octets, octets, fc.nat(32), (block, address, mask) => {
        const bits = (parts: readonly number[]) =>
          parts
            .map((part) => part.toString(2).padStart(8, '0'))
            .join('')
            .slice(0, mask);
        expect(matches({ a: [{ cidr: `${block.join('.')}/${mask}` }] }, { a: address.join('.') })).toBe(
          bits(block) === bits(address),
        );
      }),
    );
  });
});
