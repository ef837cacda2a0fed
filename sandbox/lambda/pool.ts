import type { Credentials, Session } from '../core/credentials.ts';
import type { Caller } from '../core/service.ts';
import type { World } from '../core/world.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import type { FunctionVersion } from './functions.ts';

/** An execution environment with the names that go with it. */
export interface Slot {
  readonly environment: ExecutionEnvironment;
  readonly session: Session;
  readonly logGroup: string;
  readonly logStream: string;
  initialized: boolean;
}

export interface PoolOptions {
  readonly credentials: Credentials;
  /** URL that the functions reach every service at. */
  readonly endpoint: () => string;
  /** What Lambda acts as with a function's role; throws AwsError when the role does not let it. */
  readonly assumeRole: (roleArn: string, sessionName: string) => Caller;
  readonly spinLimit: number;
}

type PoolWorld = Pick<World, 'clock' | 'random' | 'region'>;

export const logGroupOf = ({ name, properties }: FunctionVersion): string =>
  properties.LoggingConfig.LogGroup ?? `/aws/lambda/${name}`;

/** The execution environments by function version: started when none is idle, reused when one is. */
export class Pool {
  readonly #world: PoolWorld;
  readonly #options: PoolOptions;
  readonly #idle = new Map<string, Slot[]>();
  readonly #all = new Set<Slot>();

  constructor(world: PoolWorld, options: PoolOptions) {
    this.#world = world;
    this.#options = options;
  }

  take(version: FunctionVersion): Slot {
    const idle = this.#idle.get(keyOf(version)) ?? [];
    for (let slot = idle.pop(); slot !== undefined; slot = idle.pop()) {
      if (!slot.environment.broken) return slot;
      this.#forget(slot);
    }
    return this.#start(version);
  }

  /** Takes back a slot that can be used again. */
  release(version: FunctionVersion, slot: Slot): void {
    const idle = this.#idle.get(keyOf(version));
    if (idle === undefined) this.#idle.set(keyOf(version), [slot]);
    else idle.push(slot);
  }

  async discard(slot: Slot): Promise<void> {
    this.#forget(slot);
    await slot.environment.stop();
  }

  async close(): Promise<void> {
    const slots = [...this.#all];
    this.#idle.clear();
    await Promise.all(slots.map((slot) => this.discard(slot)));
  }

  #forget(slot: Slot): void {
    this.#all.delete(slot);
    this.#options.credentials.remove(slot.session.accessKeyId);
  }

  #start(version: FunctionVersion): Slot {
    const { clock, random } = this.#world;
    const session = this.#signIn(version);
    const logGroup = logGroupOf(version);
    const day = clock.date().toISOString().slice(0, 10).replaceAll('-', '/');
    const logStream = `${day}/[${version.version}]${random.hex(32)}`;
    const { properties, taskRoot } = version;
    const environment = new ExecutionEnvironment({
      boot: {
        taskRoot,
        handler: properties.Handler,
        callbacks: properties.Runtime !== 'nodejs24.x',
        ...(clock.shared && { virtualTime: clock.shared }),
        seed: random.below(2 ** 32),
        logFormat: properties.LoggingConfig.LogFormat,
        logLevel: properties.LoggingConfig.ApplicationLogLevel,
      },
      env: this.#variables(version, session, logGroup, logStream),
      memorySize: properties.MemorySize,
      spinLimit: this.#options.spinLimit,
    });
    const slot = { environment, session, logGroup, logStream, initialized: false };
    this.#all.add(slot);
    return slot;
  }

  #signIn({ name, properties }: FunctionVersion): Session {
    const { random } = this.#world;
    return this.#options.credentials.add({
      accessKeyId: `ASIA${random.alphanumeric(16)}`,
      secretAccessKey: random.hex(40),
      sessionToken: random.hex(64),
      caller: this.#options.assumeRole(properties.Role, name),
    });
  }

  /** Everything that the code finds in process.env; nothing of the host's. See "Defined runtime environment variables". */
  #variables(version: FunctionVersion, session: Session, logGroup: string, logStream: string): Record<string, string> {
    const { name, properties, taskRoot } = version;
    return {
      ...properties.Environment?.Variables,
      _HANDLER: properties.Handler,
      AWS_REGION: this.#world.region,
      AWS_DEFAULT_REGION: this.#world.region,
      AWS_EXECUTION_ENV: `AWS_Lambda_${properties.Runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: version.version,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(properties.MemorySize),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: logStream,
      AWS_LAMBDA_LOG_FORMAT: properties.LoggingConfig.LogFormat,
      ...(properties.LoggingConfig.LogFormat === 'JSON' && {
        AWS_LAMBDA_LOG_LEVEL: properties.LoggingConfig.ApplicationLogLevel,
      }),
      AWS_ACCESS_KEY_ID: session.accessKeyId,
      AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
      AWS_SESSION_TOKEN: session.sessionToken ?? '',
      AWS_ENDPOINT_URL: this.#options.endpoint(),
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      LAMBDA_TASK_ROOT: taskRoot,
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      LANG: 'en_US.UTF-8',
      PATH: '/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin',
      TZ: ':UTC',
    };
  }
}

const keyOf = ({ name, version }: FunctionVersion): string => `${name}:${version}`;
