import * as z from 'zod';

/** Variables that Lambda sets itself and a function may not. See "Using Lambda environment variables". */
const RESERVED =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_DEFAULT_REGION|AWS_REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_\w+|AWS_ACCESS_KEY(_ID)?|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR)$/;
const MOVED_BY_FUNCTIONS = new Set(['AWS_LAMBDA_EXEC_WRAPPER', 'AWS_LAMBDA_LOG_LEVEL']);

const Arn = z.string().startsWith('arn:');
const Tags = z.array(z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) }));
/** Values come out of templates as strings as often as as numbers. */
const Integer = (from: number, to: number) => z.coerce.number().int().min(from).max(to);

const Variables = z.record(z.string().regex(/^[a-zA-Z]\w+$/), z.coerce.string()).superRefine((variables, context) => {
  const reserved = Object.keys(variables).filter((name) => RESERVED.test(name) && !MOVED_BY_FUNCTIONS.has(name));
  if (reserved.length > 0)
    context.addIssue(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  if (
    Object.entries(variables).reduce((bytes, [name, value]) => bytes + name.length + Buffer.byteLength(value), 0) > 4096
  )
    context.addIssue('Lambda was unable to configure your environment variables because they exceed the 4KB limit.');
});

const LoggingConfig = z.strictObject({
  LogFormat: z.enum(['Text', 'JSON']).default('Text'),
  LogGroup: z.string().optional(),
  ApplicationLogLevel: z.enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']).default('INFO'),
  SystemLogLevel: z.enum(['DEBUG', 'INFO', 'WARN']).default('INFO'),
});

/** AWS::Lambda::Function; only what the sandbox runs: zipped Node.js code from an asset. */
export const FunctionProperties = z.strictObject({
  Architectures: z
    .array(z.enum(['arm64', 'x86_64']))
    .length(1)
    .default(['x86_64']),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  DeadLetterConfig: z.strictObject({ TargetArn: Arn.optional() }).optional(),
  Description: z.string().max(256).default(''),
  Environment: z.strictObject({ Variables: Variables.optional() }).optional(),
  EphemeralStorage: z.strictObject({ Size: Integer(512, 10_240) }).default({ Size: 512 }),
  FunctionName: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
  Handler: z
    .string()
    .max(128)
    .regex(/^[^\s.]+\.\S+$/),
  KmsKeyArn: Arn.optional(),
  LoggingConfig: LoggingConfig.prefault({}),
  MemorySize: Integer(128, 10_240).default(128),
  PackageType: z.literal('Zip').optional(),
  RecursiveLoop: z.literal('Terminate').optional(),
  ReservedConcurrentExecutions: Integer(0, 1_000_000).optional(),
  Role: Arn,
  Runtime: z.enum(['nodejs20.x', 'nodejs22.x', 'nodejs24.x']),
  Tags: Tags.default([]),
  Timeout: Integer(1, 900).default(3),
  TracingConfig: z.strictObject({ Mode: z.enum(['Active', 'PassThrough']) }).default({ Mode: 'PassThrough' }),
});
export type FunctionProperties = z.infer<typeof FunctionProperties>;

export const VersionProperties = z.strictObject({
  FunctionName: z.string(),
  Description: z.string().max(256).default(''),
  CodeSha256: z.string().optional(),
});

export const AliasProperties = z.strictObject({
  FunctionName: z.string(),
  FunctionVersion: z.string(),
  Name: z.string().regex(/^(?!\d+$)[\w-]{1,128}$/),
  Description: z.string().max(256).default(''),
});

export const PermissionProperties = z.strictObject({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
  PrincipalOrgID: z.string().optional(),
});
export type PermissionProperties = z.infer<typeof PermissionProperties>;

const Destination = z.strictObject({ Destination: Arn });

export const EventInvokeConfigProperties = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.string(),
  MaximumEventAgeInSeconds: Integer(60, 21_600).default(21_600),
  MaximumRetryAttempts: Integer(0, 2).default(2),
  DestinationConfig: z
    .strictObject({ OnSuccess: Destination.optional(), OnFailure: Destination.optional() })
    .default({}),
});
export type EventInvokeConfig = Omit<z.infer<typeof EventInvokeConfigProperties>, 'FunctionName' | 'Qualifier'>;

export const DEFAULT_EVENT_INVOKE: EventInvokeConfig = {
  MaximumEventAgeInSeconds: 21_600,
  MaximumRetryAttempts: 2,
  DestinationConfig: {},
};
