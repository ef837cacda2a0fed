import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type * as z from 'zod/mini';
import * as errors from '../../functions/lib/errors.ts';
import { definitionOf, invocationsOf, NAMES, statesOf, stringsIn, tasksOf } from './definitions.ts';

/** What Step Functions, its Lambda integration and the services raise by themselves. */
const AWS_ERRORS = [
  'States.ALL',
  'DynamoDb.ConditionalCheckFailedException',
  'Lambda.ResourceNotFoundException',
  'Lambda.TooManyRequestsException',
  'StepFunctions.ExecutionAlreadyExistsException',
];

interface Contract {
  readonly Input: z.ZodMiniObject;
  readonly Output: z.ZodMiniType;
}
type StatusObject = z.ZodMiniObject<{ status: z.ZodMiniLiteral<string> }>;

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const ours = Object.keys(errors);
const fileOf = (placeholder: string) =>
  placeholder
    .replace(/Arn$/, '')
    .replaceAll(/(?<=[a-z])[A-Z]/g, '-$&')
    .toLowerCase();

const contracts = new Map<string, Contract>();
beforeAll(async () => {
  Object.assign(process.env, {
    TAG_KEY: 'SSMRunAllowed',
    TAG_VALUE: 'true',
    ALLOW_ARBITRARY_COMMANDS: 'true',
    DISABLED_COMMANDS: '',
    EXCLUDED_ASGS: '',
    EXCLUDED_INSTANCES: '',
    EXCLUSIONS_PARAMETER: '/fleetwright/dev/exclusions',
    LOCK_TABLE: 'locks',
    LOCK_INDEX: 'by-execution',
    OUTPUT_BUCKET: 'outputs',
    POLICY_PREFIX: '/fleetwright/dev/rollout-policies',
    ROLLOUT_TABLE: 'rollouts',
    SERVICE_LINKED_ROLE_ARN:
      'arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
    RESULT_TABLE: 'results',
    REFRESH_STATE_MACHINE_ARN: 'arn:aws:states:eu-central-1:123456789012:stateMachine:RefreshAsg',
    STATE_MACHINE_ARN: 'arn:aws:states:eu-central-1:123456789012:stateMachine:AmiRollout',
    AWS_REGION: 'eu-central-1',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
  for (const placeholder of NAMES.flatMap((name) => invocationsOf(name)).map((task) => task.placeholder))
    contracts.set(placeholder, (await import(`../../functions/${fileOf(placeholder)}.ts`)) as Contract);
});

describe.each(NAMES)('%s', (name) => {
  it('hands to each function the keys of its input, no more and no fewer', () => {
    for (const { state, placeholder, payload } of invocationsOf(name)) {
      const keys = Object.keys(contracts.get(placeholder)?.Input.shape ?? {});
      expect({ state, keys: Object.keys(payload).sort() }).toEqual({ state, keys: keys.sort() });
    }
  });

  it('decides on exactly the statuses that a function may answer', () => {
    for (const { state, placeholder } of invocationsOf(name)) {
      const next = definitionOf(name).States[definitionOf(name).States[state]?.Next ?? ''];
      if (next?.Type !== 'Choice' || !stringsIn(next).some((text) => text.includes('.status '))) continue;
      const { options } = (contracts.get(placeholder)?.Output as z.ZodMiniUnion<StatusObject[]>).def;
      const matched = (next.Choices ?? []).flatMap(({ Condition }) => {
        const compared = /status (?:= ('\w+')|in \[([^\]]+)\])/.exec(Condition);
        return (compared?.[1] ?? compared?.[2] ?? '').split(', ').map((quoted) => quoted.slice(1, -1));
      });
      expect({ state, matched: [...new Set(matched)].sort() }).toEqual({
        state,
        matched: options.flatMap(({ shape }) => shape.status.def.values).sort(),
      });
    }
  });

  it('names no error that nobody raises', () => {
    for (const [, { Retry = [], Catch = [] }] of statesOf(name))
      for (const error of [...Retry, ...Catch].flatMap(({ ErrorEquals }) => ErrorEquals))
        expect([...ours, ...AWS_ERRORS]).toContain(error);
  });

  it('names at a Task only errors that its function raises', () => {
    for (const { state, placeholder } of invocationsOf(name)) {
      const { Retry = [], Catch = [] } = definitionOf(name).States[state] ?? {};
      const raised = raisedBy(fileOf(placeholder));
      for (const error of [...Retry, ...Catch]
        .flatMap(({ ErrorEquals }) => ErrorEquals)
        .filter((error) => ours.includes(error)))
        expect({ state, error, raised: raised.has(error) }).toEqual({ state, error, raised: true });
    }
  });
});

it('has no error in the list that no function raises, and none under another name', () => {
  const raised = new Set(functions().flatMap((file) => [...raisedBy(file)]));
  expect([...raised].sort()).toEqual([...ours].sort());
  for (const [name, NamedError] of Object.entries(errors)) expect(new NamedError('why').name).toBe(name);
});

it('explains every error on the pages of the runbooks', () => {
  const pages = readdirSync(new URL('../../docs/runbooks/', import.meta.url)).map((file) =>
    read(`docs/runbooks/${file}`),
  );
  const explained = pages.flatMap((page) => [...page.matchAll(/^\| `(\w+)` +\| /gm)].map(([, name]) => name));
  expect(explained).toEqual(expect.arrayContaining(ours));
});

it('names each AWS error somewhere', () => {
  const used = NAMES.flatMap((name) => tasksOf(name)).flatMap(([, { Retry = [], Catch = [] }]) => [...Retry, ...Catch]);
  const named = new Set(used.flatMap(({ ErrorEquals }) => ErrorEquals));
  expect(AWS_ERRORS.filter((error) => !named.has(error))).toEqual([]);
});

function functions(): readonly string[] {
  return readdirSync(new URL('../../functions/', import.meta.url))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace('.ts', ''));
}

/** Errors that a function creates, in its own file or in what it imports from lib. */
function raisedBy(file: string, seen = new Set<string>()): ReadonlySet<string> {
  const visit = (path: string): string[] => {
    if (seen.has(path)) return [];
    seen.add(path);
    const source = read(path);
    const imported = [...source.matchAll(/from '(\.\.?\/[^']+)'/g)].map(([, target = '']) =>
      join(dirname(path), target),
    );
    return [...[...source.matchAll(/new (\w+)\(/g)].map(([, name = '']) => name), ...imported.flatMap(visit)];
  };
  return new Set(visit(`functions/${file}.ts`).filter((name) => ours.includes(name)));
}
