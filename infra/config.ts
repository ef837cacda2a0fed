import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { COMMAND_NAMES } from '../functions/lib/schemas/command-names.ts';
import { AmiParameters } from './ami-parameters.ts';
import { functionNames } from './constructs/function-names.ts';
import { ConfigError, problemsOf } from './config-error.ts';

const KEEP_LOGS = `use one of ${Object.values(RetentionDays)
  .filter((days) => typeof days === 'number' && days !== RetentionDays.INFINITE)
  .join(', ')}`;
const FUNCTION_NAMES = functionNames();
const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;

const matching = (pattern: RegExp, remedy: string) => z.string({ error: remedy }).regex(pattern, { error: remedy });
const wholeNumber = (minimum: number, maximum: number, unit: string) => {
  const error = `give a whole number of ${unit} from ${minimum} to ${maximum}`;
  return z.int({ error }).min(minimum, { error }).max(maximum, { error });
};
const flag = () => z.boolean({ error: 'give true or false' });

const TagKey = matching(
  /^(?!aws:)[\p{L}\p{N} _.:/=+\-@]{1,128}$/u,
  'give a tag key of 1 to 128 characters (letters, digits, space, _.:/=+-@) that does not begin with aws:',
);
const TagValue = matching(
  /^[\p{L}\p{N} _.:/=+\-@]{0,256}$/u,
  'give a tag value of up to 256 characters (letters, digits, space, _.:/=+-@)',
);
const MemoryMb = wholeNumber(128, 10_240, 'MB');
const TimeoutSeconds = wholeNumber(1, 900, 'seconds');

/** Memory and time-out of the functions: what all get, and what single ones get instead, by their file's name. */
const Functions = z
  .strictObject({
    memoryMb: MemoryMb.default(256),
    timeoutSeconds: TimeoutSeconds.default(30),
    overrides: z
      .record(
        z.string().refine((name) => FUNCTION_NAMES.includes(name), {
          error: `name one of the functions: ${FUNCTION_NAMES.join(', ')}`,
        }),
        z.strictObject({ memoryMb: MemoryMb.optional(), timeoutSeconds: TimeoutSeconds.optional() }),
      )
      .prefault({}),
  })
  .prefault({});

const textList = (of: z.ZodType<string>, maximum: number, error: string) =>
  z.array(of, { error }).min(1, { error }).max(maximum, { error });
const Name = (error: string) => z.string({ error }).min(1, { error });

/** Who may call the API. AWS allows a JWT authorizer 50 audiences and a route 10 scopes. */
const Authorization = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('iam') }),
    z.strictObject({
      type: z.literal('jwt'),
      issuer: matching(/^https:\/\/[^\s?#]+$/, 'give the https URL of the issuer, exactly as the claim iss has it'),
      audience: textList(Name('give an audience'), 50, 'give a list of 1 to 50 audiences, as the claim aud has them'),
      scopes: textList(
        matching(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'give a scope without spaces or quotes'),
        10,
        'give a list of 1 to 10 scopes, of which a token must have one, or leave it out',
      ).optional(),
    }),
    z.strictObject({
      type: z.literal('lambda'),
      functionArn: matching(
        /^arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,128})?$/,
        'give the ARN of the function that authorizes, of this account and region',
      ),
      identityHeaders: textList(
        matching(/^[A-Za-z0-9_-]+$/, 'give the name of a header'),
        10,
        'give a list of 1 to 10 headers without which a request is refused unasked',
      ).default(['authorization']),
      cacheSeconds: wholeNumber(0, 3600, 'seconds').default(0),
    }),
  ],
  { error: "give { type: 'iam' }, { type: 'jwt', … } or { type: 'lambda', … }" },
);

/** The HTTP API: who may call it, how often (at most what AWS lets an account), and how many may wait for their result. */
const Api = z
  .strictObject({
    authorization: Authorization.prefault({ type: 'iam' }),
    throttle: z
      .strictObject({
        rateLimit: wholeNumber(1, 10_000, 'requests per second').default(50),
        burstLimit: wholeNumber(1, 5000, 'requests').default(100),
      })
      .prefault({}),
    waitConcurrency: wholeNumber(0, 50, 'requests').default(10),
  })
  .prefault({});

/** Environment variables of a function may have 4 KB in all. */
const EXCLUDED_BYTES = 1024;
const excluded = (of: z.ZodType<string>) =>
  z
    .array(of, { error: 'give a list' })
    .default([])
    .refine((names) => Buffer.byteLength(names.join()) <= EXCLUDED_BYTES, {
      error: `give at most ${EXCLUDED_BYTES} bytes; the parameter that the output ExclusionsParameterName names takes 4 KB`,
    });

const Settings = z.strictObject({
  project: matching(
    /^[a-z][a-z0-9-]{0,22}[a-z0-9]$/,
    'give 2 to 24 lower-case letters, digits and hyphens that begin with a letter',
  ).default('fleetwright'),
  tagGate: z
    .strictObject({
      key: TagKey.default('SSMRunAllowed'),
      value: TagValue.min(1, { error: 'give the value that allows an instance, such as true' }).default('true'),
    })
    .prefault({}),
  allowArbitraryCommands: flag().default(true),
  disabledCommands: z
    .array(z.enum(COMMAND_NAMES, { error: `name commands of the catalogue: ${COMMAND_NAMES.join(', ')}` }), {
      error: 'give a list of names of the catalogue',
    })
    .default([]),
  excludedInstances: excluded(
    matching(/^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/, 'give an EC2 instance id such as i-0123456789abcdef0'),
  ),
  excludedAsgs: excluded(matching(/^[^,]{1,255}$/u, 'give the name of an Auto Scaling group, without a comma')),
  amiParameters: AmiParameters,
  driftSchedule: matching(
    /^(?:rate\([1-9]\d* (?:minutes?|hours?|days?)\)|cron\([^()]+\))$/,
    'give a schedule of EventBridge Scheduler such as rate(1 hour) or cron(0 6 * * ? *)',
  ).default('rate(1 hour)'),
  functions: Functions,
  api: Api,
  logLevel: z.enum(LOG_LEVELS, { error: `use one of ${LOG_LEVELS.join(', ')}` }).default('INFO'),
  logRetentionDays: z
    .number({ error: KEEP_LOGS })
    .pipe(z.enum(RetentionDays, { error: KEEP_LOGS }).exclude(['INFINITE'], { error: KEEP_LOGS }))
    .default(RetentionDays.THREE_MONTHS),
  logExecutionData: flag().default(false),
  notifyOnSuccess: flag().default(false),
  notificationEmails: z.array(z.email({ error: 'give an e-mail address' }), { error: 'give a list' }).default([]),
  alarmActionsEnabled: flag().default(true),
  outputBucket: matching(
    /^(new|[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$/,
    'write new to have one made, or give the name of an existing bucket',
  ).default('new'),
  outputBucketKeyArn: matching(
    /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
    'give the ARN of the KMS key (not of an alias) that encrypts the existing bucket',
  ).optional(),
  outputKeyPrefix: matching(
    /^[A-Za-z0-9!_.()-]+(\/[A-Za-z0-9!_.()-]+)*$/,
    'give a key prefix of letters, digits and !_.()- in parts joined by /, without a / at either end',
  )
    .max(200, { error: 'give at most 200 characters, so that the command and instance ids fit behind them' })
    .default('commands'),
  outputRetentionDays: wholeNumber(1, 3650, 'days').default(90),
  retainData: flag().default(true),
  tags: z.record(TagKey, TagValue, { error: 'give tags as {key: value}' }).default({}),
});

/** What may be set for one environment, and how to mend what may not. docs/configuration.md explains each. */
const ConfigSchema = Settings.superRefine((config, context) => {
  const refuse = (path: PropertyKey[], input: unknown, message: string) =>
    context.addIssue({ code: 'custom', path, input, message });
  const { outputBucket, outputBucketKeyArn, tags } = config;
  if (outputBucket === 'new' && outputBucketKeyArn !== undefined) {
    refuse(['outputBucketKeyArn'], outputBucketKeyArn, 'leave it out: a new bucket is encrypted with a key of its own');
  }
  for (const key of ['project', 'environment'].filter((key) => key in tags)) {
    refuse(['tags', key], tags[key], 'leave it out: this tag is set for you');
  }
});

/** The settings of one environment as its file writes them: everything is optional. */
export type ConfigInput = z.input<typeof ConfigSchema>;
/** The settings of one environment, complete. */
export type Config = z.output<typeof ConfigSchema>;
export type FunctionSettings = Pick<Config['functions'], 'memoryMb' | 'timeoutSeconds'>;
export type ApiAuthorization = Config['api']['authorization'];

/**
 * Parses the settings of one environment; `source` says where they stand.
 * @throws ConfigError naming every problem with its path, value and remedy
 */
export function parseConfig(source: string, input: unknown): Config {
  const parsed = ConfigSchema.safeParse(input, { reportInput: true });
  if (!parsed.success) throw new ConfigError(source, problemsOf(parsed.error, input, Object.keys(Settings.shape)));
  return parsed.data;
}

/**
 * The memory and time-out of one function, by its file's name; `needed` stands before what all functions get, and behind
 * what is set for this one.
 */
export function functionSettings(
  { functions }: Config,
  name: string,
  needed: Partial<FunctionSettings> = {},
): FunctionSettings {
  const { memoryMb, timeoutSeconds, overrides } = functions;
  return {
    memoryMb: overrides[name]?.memoryMb ?? needed.memoryMb ?? memoryMb,
    timeoutSeconds: overrides[name]?.timeoutSeconds ?? needed.timeoutSeconds ?? timeoutSeconds,
  };
}
