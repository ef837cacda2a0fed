import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exclusionOf, parseExclusions } from '../../../functions/lib/exclusions.ts';

const NAME = '/fleetwright/dev/exclusions';
const ID = 'i-0123456789abcdef0';
const parse = (text: string) => parseExclusions(NAME, text);
const tagged = (...tags: [string, string][]) => ({
  InstanceId: ID,
  Tags: tags.map(([Key, Value]) => ({ Key, Value })),
});

describe('the parameter', () => {
  it('that is empty excludes nothing', () => expect(exclusionOf(tagged(), [parse('{}')])).toBeUndefined());

  it.each([
    ['', 'is no JSON'],
    ['{"instances": [', 'is no JSON'],
    ['null', 'the input: '],
    ['[]', 'the input: '],
    [`{"instances": "${ID}"}`, 'instances: '],
    [`{"instances": ["${ID}", "web-1"]}`, 'instances[1]: must be an EC2 instance id'],
    ['{"autoScalingGroups": [""]}', 'autoScalingGroups[0]: '],
    [`{"instance": ["${ID}"]}`, 'instance: is not a known key'],
    ['{"reason": 7}', 'reason: '],
  ])('%s is refused with what is wrong and how to mend it', (text, problem) => {
    expect(() => parse(text)).toThrow(problem);
    expect(() => parse(text)).toThrow(`aws ssm put-parameter --overwrite --name ${NAME} --type String --value '{}'`);
  });

  it('parses to exactly what it says, or is refused', () => {
    const id = fc.stringMatching(/^i-[0-9a-f]{17}$/);
    const document = fc.record(
      { instances: fc.array(fc.oneof(id, fc.string())), autoScalingGroups: fc.array(fc.string()), reason: fc.string() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(document, fc.jsonValue()), (value) => {
        const parsed = attempt(() => parse(JSON.stringify(value)));
        if (parsed === undefined) return;
        const { instances = [], autoScalingGroups = [], reason, ...rest } = value as Record<string, string[]>;
        expect(rest).toEqual({});
        expect(parsed).toMatchObject({ instances: new Set(instances), autoScalingGroups: new Set(autoScalingGroups) });
        expect(parsed.reason).toBe(reason);
        for (const each of instances) expect(exclusionOf({ InstanceId: each }, [parsed])).toContain(NAME);
      }),
      { numRuns: 500 },
    );
  });
});

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    expect(error).toMatchObject({ name: 'ExclusionsUnreadable' });
    return undefined;
  }
}

describe('an instance', () => {
  const sources = [parse(JSON.stringify({ autoScalingGroups: ['legacy'], reason: 'frozen' }))];

  it.each<[string, [string, string][], string | undefined]>([
    ['by its tag', [['fleetwright:exclude', 'true']], 'is excluded by its tag fleetwright:exclude=true'],
    ['not by another value of it', [['fleetwright:exclude', 'false']], undefined],
    [
      'that retires, whatever the value',
      [['fleetwright:retiring', '']],
      "is kept for its successor's sake alone (tag fleetwright:retiring)",
    ],
    [
      'with its group',
      [['aws:autoscaling:groupName', 'legacy']],
      `is excluded with its Auto Scaling group legacy by the parameter ${NAME} (frozen)`,
    ],
    ['not with another group', [['aws:autoscaling:groupName', 'legacy2']], undefined],
  ])('is excluded %s', (_, tags, reason) => expect(exclusionOf(tagged(...tags), sources)).toBe(reason));
});
