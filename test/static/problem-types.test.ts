import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import * as errors from '../../functions/lib/errors.ts';
import { problemName, PROBLEM_TYPES } from '../../functions/lib/problem-types.ts';
import { NAMES, textOf } from './definitions.ts';

/** Errors of runbooks that callers can do nothing about: the API tells them as InternalError. */
const OUR_OWN = ['AccessDenied', 'UnexpectedResult'];

/** What the API itself refuses, beside what runbooks do. */
const OF_THE_API = [
  'ApprovalClosed',
  'ApprovalDecided',
  'ApprovalExpired',
  'ApprovalNotFound',
  'ApprovalRefused',
  'ApproverNotAllowed',
  'ExecutionAborted',
  'ExecutionNotBegun',
  'ExecutionNotFound',
  'ExecutionStopped',
  'ExecutionTimedOut',
  'IdempotencyConflict',
  'InternalError',
  'TooManyRequests',
  'UnsupportedMediaType',
];

const ofRunbooks = Object.keys(errors);
const told = Object.keys(PROBLEM_TYPES);

it('tells every error of a runbook as a problem, or keeps it for the logs on purpose', () =>
  expect(ofRunbooks.filter((name) => !told.includes(name)).sort()).toEqual(OUR_OWN));

it('tells no problem that neither a runbook nor the API has', () =>
  expect(told.filter((name) => !ofRunbooks.includes(name)).sort()).toEqual(OF_THE_API));

it('has no problem of the API that neither its functions nor a state machine names', () => {
  const files = readdirSync('functions', { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.includes('openapi') && !file.endsWith('problem-types.ts'),
  );
  const source = [...files.map((file) => readFileSync(`functions/${file}`, 'utf8')), ...NAMES.map(textOf)].join('\n');
  // Step Functions gives these two names, under other ones.
  const given = ['States.Timeout', 'ABORTED'].map(problemName);
  expect(given).toEqual(['ExecutionTimedOut', 'ExecutionAborted']);
  expect(OF_THE_API.filter((name) => !given.includes(name) && !source.includes(`'${name}'`))).toEqual([]);
});

it('gives each a status of an error and a title of its own, in a sentence without its end', () => {
  const titles = Object.values(PROBLEM_TYPES).map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
  for (const [name, { status, title }] of Object.entries(PROBLEM_TYPES)) {
    expect([name, status]).toEqual([name, expect.any(Number)]);
    expect(status >= 400 && status < 600).toBe(true);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
  }
});
