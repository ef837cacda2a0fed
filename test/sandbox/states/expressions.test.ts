import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Random } from '../../../sandbox/core/random.ts';
import { Expression } from '../../../sandbox/states/expressions/expression.ts';
import { plain } from '../../../sandbox/states/expressions/plain.ts';
import type { Scope } from '../../../sandbox/states/expressions/scope.ts';
import type { Json } from '../../../sandbox/states/json.ts';

const scope = (input: Json = {}, seed = 1): Scope => ({
  states: { input, context: {} },
  variables: new Map<string, Json>([['list', [3, 1, 2]]]),
  now: new Date('2026-02-03T04:05:06.789Z'),
  random: new Random(seed),
});
const evaluate = (source: string, input: Json = {}, seed = 1) =>
  new Expression(source).evaluate(scope(input, seed), 'Output');

describe('values', () => {
  it.each<[string, Json]>([
    ['$range(1, 9, 9)', 1],
    ['$range(0, 10, 3)', [0, 3, 6, 9]],
    ['$range(5, 1, -2)', [5, 3, 1]],
    ['$range(-1.7, 2, 1)', [-1, 0, 1, 2]],
    ['$partition([1..5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([0], 3)', [[0]]],
    ['$hash("a", "SHA-256")', 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'],
    ['$parse("[1, {\\"a\\": null}]")', [1, { a: null }]],
    ['$parse("-0")', 0],
    ['$now()', '2026-02-03T04:05:06.789Z'],
    ['$now("[Y]-[M01]")', '2026-02'],
    ['$millis()', Date.UTC(2026, 1, 3, 4, 5, 6, 789)],
    ['$toMillis("12:00", "[H]:[m]")', Date.UTC(2026, 1, 3, 12)],
    ['$sort($list)', [1, 2, 3]],
    ['1/0', 'Infinity'],
    ['$lookup([{"a": 1}, {"b": 2}, {"a": [3, 4]}], "a")', [1, 3, 4]],
    ['{"n": null}', { n: null }],
  ])('%s is %j', async (source, value) => expect(await evaluate(source)).toEqual(value));

  it.each([
    '$range(1, 5)',
    '$range(1, 5, -1)',
    '$partition([], 2)',
    '$partition([1], 0)',
    '$hash("a")',
    '$states.input.absent',
    '$lookup({}, "a")',
  ])('%s is nothing, which is an error', async (source) => {
    await expect(evaluate(source)).rejects.toThrow(
      `The JSONata expression '${source}' specified for the field 'Output' returned nothing (undefined).`,
    );
  });

  it('draws randomness from the world, the same for the same seed', async () => {
    const source = '[$uuid(), $random(), $shuffle([1..20]), $random(42)]';
    const [once, again, other] = [await evaluate(source), await evaluate(source), await evaluate(source, {}, 2)];
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
    expect((other as Json[]).at(-1)).toEqual((once as Json[]).at(-1));
  });

  it('keeps evaluations of one expression apart', async () => {
    const expression = new Expression(
      '($f := function($n){ $n > 50 ? $millis() + $states.input : $f($n + 1) }; $f(0))',
    );
    const at = (time: number) => ({ ...scope(time), now: new Date(time) });
    expect(await Promise.all([1, 20, 300].map((time) => expression.evaluate(at(time), 'Output')))).toEqual([
      2, 40, 600,
    ]);
  });

  it('are plain JSON whatever the input', async () => {
    const sources = [
      '[$states.input]',
      '{"v": $states.input}',
      '$states.input.**',
      '$spread($states.input)',
      '$keys($states.input)',
    ];
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.constantFrom(...sources), async (input, source) => {
        const value = await evaluate(source, JSON.parse(JSON.stringify(input)) as Json).catch(() => null);
        expect(JSON.parse(JSON.stringify(value))).toStrictEqual(value);
        expect(plain(value)).toStrictEqual(value);
      }),
    );
  });
});

describe('limits', () => {
  it.each([
    ['a loop', '($f := function($n){ $f($n + 1) }; $f(0))', /timeout/],
    ['a recursion', '($f := function($n){ 1 + $f($n + 1) }; $f(0))', /timeout/],
    ['a large array', '[1..5000000]', /memory limit/],
    ['a long range', '$range(1, 360146, 1)', /memory limit/],
    ['a long text', '($f := function($s, $n){ $n = 0 ? $s : $f($s & $s, $n - 1) }; $f("ab", 30))', /memory limit/],
  ])('end %s', async (_what, source, message) => {
    await expect(new Expression(source, 10_000).evaluate(scope(), 'Output')).rejects.toThrow(message);
  });
});

describe('the sandbox around expressions', () => {
  it.each([
    '$states.input.constructor',
    '$states.input.__proto__',
    '$lookup($states.input, "constructor")',
    '{}.constructor.constructor("return process")()',
    '$states.input.(__defineGetter__("x", function(){ 1 }))',
    '[{}].toString()',
    '$match("a", /a/).constructor',
    '$eval("1")',
    '$string.constructor',
    '($__proto__ := {"polluted": 1}; $polluted)',
  ])('%s reaches nothing', async (source) => {
    await expect(evaluate(source, { a: 1 })).rejects.toThrow(/Output/);
  });

  it('lets data have such names of its own', async () => {
    expect(
      await evaluate('$states.input.constructor & $lookup($states.input, "toString")', {
        constructor: 'c',
        toString: 't',
      }),
    ).toBe('ct');
  });

  it('reaches no prototype by any name', async () => {
    const names = Object.getOwnPropertyNames(Object.prototype);
    const step = fc.constantFrom(...names, 'a', 'next');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('$states', '$list', '{"a": {}}', '[{"a": 1}]', '$match("a", /a/)'),
        fc.array(step, { minLength: 1, maxLength: 4 }),
        async (from, steps) => {
          const result = await evaluate(`${from}.${steps.map((name) => `\`${name}\``).join('.')}`, {
            a: { a: 1 },
          }).catch((error: unknown) => error);
          if (steps.some((name) => names.includes(name))) expect(result).toBeInstanceOf(Error);
        },
      ),
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(names);
  });
});
