import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inspect } from '../../../sandbox/states/definition/read.ts';
import { bench, end, machine, ROLE } from './support.ts';

const pass = { Type: 'Pass', ...end };
const complaints = (definition: unknown): string[] =>
  inspect(JSON.stringify(definition)).diagnostics.map(
    ({ code, message, location }) => `${code}: ${message} at ${location ?? ''}`,
  );
const one = (state: object, more: object = {}) =>
  complaints({ QueryLanguage: 'JSONata', StartAt: 'A', States: { A: state }, ...more });
const task = (more: object) => ({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', ...end, ...more });
const schema = (message: string, at: string) => `SCHEMA_VALIDATION_FAILED: ${message} at ${at}`;

describe('a definition is refused', () => {
  it.each([
    ['a field that the state has not', one({ ...pass, Foo: 1 }), schema("Field 'Foo' is not supported", '/States/A')],
    ['a field on the top', one(pass, { Foo: 1 }), schema("Field 'Foo' is not supported", '')],
    ['a state type', one({ Type: 'Sleep', ...end }), schema('Unknown state type "Sleep"', '/States/A')],
    ['a state without a type', one({}), schema('These fields are required: [Type]', '/States/A')],
    [
      'TimeoutSeconds on a Pass',
      one({ ...pass, TimeoutSeconds: 1 }),
      schema("Field 'TimeoutSeconds' is not supported", '/States/A'),
    ],
    ['Credentials', one(task({ Credentials: {} })), schema("Field 'Credentials' is not supported", '/States/A')],
    [
      'an integration',
      one(task({ Resource: 'arn:aws:states:::ecs:runTask.sync' })),
      schema("The sandbox does not support the Resource 'arn:aws:states:::ecs:runTask.sync'", '/States/A/Resource'),
    ],
    [
      'an SDK service',
      one(task({ Resource: 'arn:aws:states:::aws-sdk:iam:getRole' })),
      schema("The sandbox does not support the Resource 'arn:aws:states:::aws-sdk:iam:getRole'", '/States/A/Resource'),
    ],
    [
      'an activity',
      one(task({ Resource: 'arn:aws:states:eu-central-1:123456789012:activity:a' })),
      schema(
        "The sandbox does not support the Resource 'arn:aws:states:eu-central-1:123456789012:activity:a'",
        '/States/A/Resource',
      ),
    ],
    [
      'JSONPath for the machine',
      complaints({ QueryLanguage: 'JSONPath', StartAt: 'A', States: { A: pass } }),
      schema(
        'The sandbox does not support the QueryLanguage \'JSONPath\', which is the default: say "QueryLanguage": "JSONata"',
        '/QueryLanguage',
      ),
    ],
    [
      'JSONPath by default',
      complaints({ StartAt: 'A', States: { A: { ...pass, Parameters: {} } } }),
      schema(
        'The sandbox does not support the QueryLanguage \'JSONPath\' (\'Parameters\'), which is the default: say "QueryLanguage": "JSONata"',
        '/States/A',
      ),
    ],
    [
      'a task without a language',
      complaints({ StartAt: 'A', States: { A: task({}) } }),
      schema(
        'The sandbox does not support the QueryLanguage \'JSONPath\', which is the default: say "QueryLanguage": "JSONata"',
        '/States/A',
      ),
    ],
    [
      'JSONPath within JSONata',
      one({ ...pass, QueryLanguage: 'JSONPath' }),
      schema("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", '/States/A'),
    ],
    [
      'a JSONPath field',
      one({ ...pass, ResultPath: '$.a' }),
      schema(
        "The QueryLanguage is set to 'JSONata', but field 'ResultPath' is only supported for the 'JSONPath' QueryLanguage",
        '/States/A',
      ),
    ],
    [
      'another language',
      one({ ...pass, QueryLanguage: 'jq' }),
      schema('Value should be one of the following: [JSONPath, JSONata]', '/States/A/QueryLanguage'),
    ],
    [
      'neither Next nor End',
      one({ Type: 'Pass' }),
      schema("Exactly one of the fields 'Next' and 'End' is required", '/States/A'),
    ],
    [
      'no way out of a Wait',
      one({ Type: 'Wait', ...end }),
      schema("Exactly one of the fields 'Seconds' and 'Timestamp' is required", '/States/A'),
    ],
    [
      'a Timestamp without a zone',
      one({ Type: 'Wait', Timestamp: '2016-12-05T21:29:29', ...end }),
      schema('Expected value of type [TIMESTAMP]', '/States/A/Timestamp'),
    ],
    [
      'States.ALL beside others',
      one(task({ Retry: [{ ErrorEquals: ['States.ALL', 'X'] }] })),
      schema("'States.ALL' must stand alone and in the last place", '/States/A/Retry[0]/ErrorEquals'),
    ],
    [
      'a variable named states',
      one({ ...pass, Assign: { states: 1 } }),
      schema("'states' is not a valid variable name", '/States/A/Assign/states'),
    ],
    [
      '$eval',
      one({ ...pass, Output: { a: '{% $eval("1") %}' } }),
      "UNSUPPORTED_JSONATA_EXPRESSION: The function '$eval' is not supported. at /States/A/Output/a",
    ],
    [
      'an unknown function',
      one({ ...pass, Output: '{% $frobnicate(1) %}' }),
      "UNSUPPORTED_JSONATA_EXPRESSION: The function '$frobnicate' is not supported. at /States/A/Output",
    ],
    [
      'a path from nowhere',
      one({ ...pass, Output: '{% phone %}' }),
      "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/A/Output",
    ],
    [
      '$$',
      one({ ...pass, Output: '{% $$ %}' }),
      "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' is not supported. at /States/A/Output",
    ],
    [
      '$states.errorOutput outside a Catch',
      one({ ...pass, Output: '{% $states.errorOutput %}' }),
      "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$states.errorOutput' is only supported in 'Output' and 'Assign' of a 'Catch'. at /States/A/Output",
    ],
    [
      'a syntax error',
      one({ ...pass, Output: '{% 1 + %}' }),
      'INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/A/Output',
    ],
    ['a missing StartAt', complaints({ States: {} }), schema('These fields are required: [StartAt]', '/')],
    [
      'a transition to nowhere',
      one({ Type: 'Pass', Next: 'B' }),
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next",
    ],
    [
      'an Express child',
      one({
        Type: 'Map',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'B',
          States: { B: pass },
        },
        ...end,
      }),
      schema(
        "The sandbox does not support the ExecutionType 'EXPRESS'",
        '/States/A/ItemProcessor/ProcessorConfig/ExecutionType',
      ),
    ],
    [
      'an ItemReader in an inline Map',
      one({
        Type: 'Map',
        ItemReader: { Resource: 'arn:aws:states:::s3:getObject', Arguments: {} },
        ItemProcessor: { StartAt: 'B', States: { B: pass } },
        ...end,
      }),
      schema("Field 'ItemReader' is only supported for the 'DISTRIBUTED' Mode", '/States/A/ItemReader'),
    ],
    [
      'a state within a branch',
      one({ Type: 'Parallel', Branches: [{ StartAt: 'B', States: { B: { ...pass, Result: 1 } } }], ...end }),
      schema(
        "The QueryLanguage is set to 'JSONata', but field 'Result' is only supported for the 'JSONPath' QueryLanguage",
        '/States/A/Branches[0]/States/B',
      ),
    ],
  ])('for %s', (_what, found, expected) => expect(found).toContain(expected));

  it('for a state that nothing reaches, and for a loop without an end', () => {
    const States = { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' }, C: pass };
    expect(complaints({ QueryLanguage: 'JSONata', StartAt: 'A', States })).toEqual([
      'MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C',
    ]);
    const loop = { A: States.A, B: States.B };
    expect(complaints({ QueryLanguage: 'JSONata', StartAt: 'A', States: loop })).toEqual([
      'MISSING_END_STATE: No terminal state found at /States',
    ]);
  });

  it('for assigning an outer variable inside', () => {
    const inner = { StartAt: 'B', States: { B: { ...pass, Assign: { x: 2 } } } };
    const States = {
      A: { Type: 'Pass', Assign: { x: 1 }, Next: 'P' },
      P: { Type: 'Parallel', Branches: [inner], ...end },
    };
    expect(complaints(machine(States))).toEqual([
      schema("Variable 'x' is already assigned in an outer scope", '/States/P/States/B/Assign'),
    ]);
  });

  it('with all that is wrong at once, and nothing is created', async () => {
    const { create, call } = bench();
    const flow = { A: { Type: 'Pass', Foo: 1, Next: 'B' }, B: { ...pass, Output: '{% $eval(1) %}' } };
    await expect(create('m', machine(flow))).rejects.toMatchObject({
      code: 'InvalidDefinition',
      message:
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Field 'Foo' is not supported at /States/A, UNSUPPORTED_JSONATA_EXPRESSION: The function '$eval' is not supported. at /States/B/Output'",
    });
    expect(await call('ListStateMachines', {})).toEqual({ stateMachines: [] });
  });
});

describe('a definition is taken', () => {
  it('when each state says JSONata, or speaks neither language', () => {
    const States = {
      A: { Type: 'Choice', QueryLanguage: 'JSONata', Choices: [{ Condition: '{% true %}', Next: 'S' }], Default: 'F' },
      S: { Type: 'Succeed' },
      F: { Type: 'Fail', Error: 'x' },
    };
    expect(complaints({ StartAt: 'A', States })).toEqual([]);
  });

  it('when a function is a variable', () => {
    const Output = '{% ($double := function($x){ $x * 2 }; $map([1, 2], $double) ~> $sum()) %}';
    expect(one({ ...pass, Output })).toEqual([]);
  });

  it('by ValidateStateMachineDefinition, which says OK or FAIL', async () => {
    const { call } = bench();
    const definition = JSON.stringify(machine({ A: pass }));
    expect(await call('ValidateStateMachineDefinition', { definition })).toEqual({
      result: 'OK',
      diagnostics: [],
      truncated: false,
    });
    expect(await call('ValidateStateMachineDefinition', { definition: '' })).toEqual({
      result: 'FAIL',
      diagnostics: [
        { code: 'SCHEMA_VALIDATION_FAILED', message: 'Definition must be a valid JSON object', severity: 'ERROR' },
      ],
      truncated: false,
    });
  });
});

describe('whatever the text', () => {
  it('a definition is read or refused, never thrown over', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        const { definition, diagnostics } = inspect(text);
        expect(definition === undefined).toBe(diagnostics.length > 0);
      }),
      { numRuns: 300 },
    );
  });

  it('a state is read or refused', () => {
    const state = fc.record(
      {
        Type: fc.constantFrom('Task', 'Pass', 'Choice', 'Wait', 'Parallel', 'Map', 'Succeed', 'Fail'),
        Next: fc.constantFrom('A', 'B'),
        End: fc.boolean(),
        Output: fc.jsonValue(),
        Assign: fc.dictionary(fc.string(), fc.jsonValue()),
        Branches: fc.array(fc.jsonValue()),
        Choices: fc.array(fc.jsonValue()),
        Catch: fc.array(fc.jsonValue()),
        ItemProcessor: fc.jsonValue(),
        Resource: fc.string(),
      },
      { requiredKeys: ['Type'] },
    );
    fc.assert(
      fc.property(state, (value) => {
        const { definition, diagnostics } = inspect(JSON.stringify(machine({ A: value })));
        expect(definition === undefined).toBe(diagnostics.length > 0);
      }),
      { numRuns: 300 },
    );
  });
});

it('refuses what machines themselves may not be', async () => {
  const { create, call } = bench();
  const definition = machine({ A: pass });
  await expect(create('m', definition, { type: 'EXPRESS' })).rejects.toMatchObject({
    code: 'NotImplemented',
    message: expect.stringContaining('EXPRESS'),
  });
  await expect(create('a b', definition)).rejects.toMatchObject({ code: 'InvalidName' });
  await expect(create('m', definition, { roleArn: 'role' })).rejects.toMatchObject({ code: 'InvalidArn' });
  await expect(call('CreateStateMachine', { name: 'm', roleArn: ROLE })).rejects.toMatchObject({
    code: 'ValidationException',
  });
});
