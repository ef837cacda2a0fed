import * as z from 'zod';
import { jsonSchema } from '../json.ts';

const LONGEST_SECONDS = 99_999_999;
const expressionOr = <T extends z.ZodType>(type: T) =>
  z.union([type, z.string().regex(/^\{%[^]*%\}$/, 'must be a JSONata expression')]);
const seconds = z.int().min(0).max(LONGEST_SECONDS);
const exit = { Output: jsonSchema.optional(), Assign: z.record(z.string(), jsonSchema).optional() };
const common = { Type: z.string(), Comment: z.string().optional(), QueryLanguage: z.string().optional() };
const onward = { Next: z.string().optional(), End: z.boolean().optional() };

const retrier = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.int().min(1).max(LONGEST_SECONDS).default(1),
  BackoffRate: z.number().min(1).default(2),
  MaxAttempts: z.int().min(0).max(LONGEST_SECONDS).default(3),
  MaxDelaySeconds: z.int().min(1).max(31_622_400).optional(),
  JitterStrategy: z.enum(['NONE', 'FULL']).default('NONE'),
});

const catcher = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  ...exit,
});
const recovery = { Retry: z.array(retrier).default([]), Catch: z.array(catcher).default([]) };

/** A flow's own fields; its states are read one by one. */
const flow = { StartAt: z.string(), States: z.record(z.string(), jsonSchema) };

export const Branch = z.strictObject({ Comment: z.string().optional(), ...flow });
export const Machine = z.strictObject({
  Comment: z.string().optional(),
  Version: z.literal('1.0').optional(),
  QueryLanguage: z.enum(['JSONPath', 'JSONata']).optional(),
  TimeoutSeconds: seconds.optional(),
  ...flow,
});

export const Processor = z.strictObject({
  Comment: z.string().optional(),
  ProcessorConfig: z
    .strictObject({
      Mode: z.enum(['INLINE', 'DISTRIBUTED']).default('INLINE'),
      ExecutionType: z.enum(['STANDARD', 'EXPRESS']).optional(),
    })
    .default({ Mode: 'INLINE' }),
  ...flow,
});

const itemReader = z.strictObject({
  Resource: z.string(),
  Arguments: jsonSchema,
  ReaderConfig: z
    .strictObject({
      InputType: z.string().optional(),
      MaxItems: expressionOr(z.int().min(1).max(100_000_000)).optional(),
      CSVHeaderLocation: z.enum(['FIRST_ROW', 'GIVEN']).optional(),
      CSVHeaders: z.array(z.string()).optional(),
      CSVDelimiter: z.enum(['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB']).default('COMMA'),
    })
    .default({ CSVDelimiter: 'COMMA' }),
});

const itemBatcher = z.strictObject({
  MaxItemsPerBatch: expressionOr(z.int().min(1)).optional(),
  MaxInputBytesPerBatch: expressionOr(z.int().min(1).max(262_144)).optional(),
  BatchInput: jsonSchema.optional(),
});

const choice = z.strictObject({
  Comment: z.string().optional(),
  Condition: expressionOr(z.boolean()),
  Next: z.string(),
  ...exit,
});

/** The fields of each state type in the JSONata dialect. Source: Amazon States Language specification. */
export const STATES = {
  Task: z.strictObject({
    ...common,
    ...onward,
    ...exit,
    ...recovery,
    Resource: z.string(),
    Arguments: jsonSchema.optional(),
    TimeoutSeconds: expressionOr(z.int().min(1).max(LONGEST_SECONDS)).optional(),
    HeartbeatSeconds: expressionOr(z.int().min(1).max(LONGEST_SECONDS)).optional(),
  }),
  Pass: z.strictObject({ ...common, ...onward, ...exit }),
  Choice: z.strictObject({ ...common, ...exit, Choices: z.array(choice).min(1), Default: z.string().optional() }),
  Wait: z.strictObject({
    ...common,
    ...onward,
    ...exit,
    Seconds: expressionOr(seconds).optional(),
    Timestamp: z.string().optional(),
  }),
  Parallel: z.strictObject({
    ...common,
    ...onward,
    ...exit,
    ...recovery,
    Branches: z.array(jsonSchema).min(1),
    Arguments: jsonSchema.optional(),
  }),
  Map: z.strictObject({
    ...common,
    ...onward,
    ...exit,
    ...recovery,
    Items: z.union([z.array(jsonSchema), z.string()]).optional(),
    ItemSelector: jsonSchema.optional(),
    ItemProcessor: jsonSchema,
    ItemReader: itemReader.optional(),
    ItemBatcher: itemBatcher.optional(),
    ResultWriter: z.strictObject({ Resource: z.string(), Arguments: jsonSchema }).optional(),
    Label: z.string().max(40).optional(),
    MaxConcurrency: expressionOr(z.int().min(0)).optional(),
    ToleratedFailureCount: expressionOr(z.int().min(0)).optional(),
    ToleratedFailurePercentage: expressionOr(z.number().min(0).max(100)).optional(),
  }),
  Succeed: z.strictObject({ ...common, Output: jsonSchema.optional() }),
  Fail: z.strictObject({ ...common, Error: z.string().optional(), Cause: z.string().optional() }),
};

export type Read<K extends keyof typeof STATES> = z.infer<(typeof STATES)[K]>;

/** Fields that only the JSONPath dialect has. */
export const JSONPATH_FIELDS: readonly string[] = [
  'InputPath',
  'OutputPath',
  'ResultPath',
  'ResultSelector',
  'Parameters',
  'Result',
  'ItemsPath',
  'MaxConcurrencyPath',
  'SecondsPath',
  'TimestampPath',
  'TimeoutSecondsPath',
  'HeartbeatSecondsPath',
  'ToleratedFailureCountPath',
  'ToleratedFailurePercentagePath',
  'ErrorPath',
  'CausePath',
];
