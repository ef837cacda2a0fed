import { expressionText } from '../expressions/template.ts';
import type { Json } from '../json.ts';
import { isTimestamp } from '../timestamp.ts';
import { readResource } from '../tasks/resource.ts';
import { onward, recovery, type Builder } from './builder.ts';
import { readMap } from './map.ts';
import type { State, StateType } from './model.ts';
import { Branch, STATES } from './schema.ts';

type Build = (name: string, value: Json, at: string, builder: Builder) => State | undefined;

const task: Build = (name, value, at, builder) => {
  const read = builder.parse(STATES.Task, value, at);
  if (read === undefined) return undefined;
  const resource = readResource(read.Resource);
  if (resource === undefined) {
    builder.diagnostics.unsupported(`the Resource '${read.Resource}'`, `${at}/Resource`);
    return undefined;
  }
  const fields = builder.fields(at);
  return {
    type: 'Task',
    name,
    resource,
    next: onward(read, at, builder),
    arguments: fields.optional(read.Arguments, 'Arguments'),
    timeoutSeconds: fields.optional(read.TimeoutSeconds, 'TimeoutSeconds'),
    heartbeatSeconds: fields.optional(read.HeartbeatSeconds, 'HeartbeatSeconds'),
    ...recovery(read, at, builder),
    ...fields.exit(read),
  };
};

const pass: Build = (name, value, at, builder) => {
  const read = builder.parse(STATES.Pass, value, at);
  return read && { type: 'Pass', name, next: onward(read, at, builder), ...builder.fields(at).exit(read) };
};

const choice: Build = (name, value, at, builder) => {
  const read = builder.parse(STATES.Choice, value, at);
  if (read === undefined) return undefined;
  const fields = builder.fields(at);
  const choices = read.Choices.map((rule, index) => ({
    condition: fields.template(rule.Condition, `Choices[${index}]/Condition`),
    next: rule.Next,
    ...fields.exit(rule, `Choices[${index}]/`),
  }));
  return { type: 'Choice', name, choices, default: read.Default, ...fields.exit(read) };
};

const wait: Build = (name, value, at, builder) => {
  const read = builder.parse(STATES.Wait, value, at);
  if (read === undefined) return undefined;
  const { Seconds, Timestamp } = read;
  if ((Seconds === undefined) === (Timestamp === undefined)) {
    builder.diagnostics.schema("Exactly one of the fields 'Seconds' and 'Timestamp' is required", at);
  }
  if (Timestamp !== undefined && expressionText(Timestamp) === undefined && !isTimestamp(Timestamp)) {
    builder.diagnostics.schema('Expected value of type [TIMESTAMP]', `${at}/Timestamp`);
  }
  const fields = builder.fields(at);
  return {
    type: 'Wait',
    name,
    next: onward(read, at, builder),
    seconds: fields.optional(Seconds, 'Seconds'),
    timestamp: fields.optional(Timestamp, 'Timestamp'),
    ...fields.exit(read),
  };
};

const parallel: Build = (name, value, at, builder) => {
  const read = builder.parse(STATES.Parallel, value, at);
  if (read === undefined) return undefined;
  const branches = read.Branches.map((branch, index) => {
    const place = `${at}/Branches[${index}]`;
    const flow = builder.parse(Branch, branch, place);
    return flow && builder.flow(flow, place);
  });
  const fields = builder.fields(at);
  return {
    type: 'Parallel',
    name,
    next: onward(read, at, builder),
    branches: branches.filter((branch) => branch !== undefined),
    arguments: fields.optional(read.Arguments, 'Arguments'),
    ...recovery(read, at, builder),
    ...fields.exit(read),
  };
};

const succeed: Build = (name, value, at, builder) => {
  const read = builder.parse(STATES.Succeed, value, at);
  return read && { type: 'Succeed', name, next: undefined, ...builder.fields(at).exit(read) };
};

const fail: Build = (name, value, at, builder) => {
  const read = builder.parse(STATES.Fail, value, at);
  if (read === undefined) return undefined;
  const fields = builder.fields(at);
  return {
    type: 'Fail',
    name,
    error: fields.optional(read.Error, 'Error'),
    cause: fields.optional(read.Cause, 'Cause'),
  };
};

/** Reads a state of each type; undefined when the diagnostics say why not. */
export const BUILDERS: Readonly<Record<StateType, Build>> = {
  Task: task,
  Pass: pass,
  Choice: choice,
  Wait: wait,
  Parallel: parallel,
  Map: readMap,
  Succeed: succeed,
  Fail: fail,
};
