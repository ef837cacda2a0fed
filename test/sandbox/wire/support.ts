import { Credentials, OPERATOR, type Session } from '../../../sandbox/core/credentials.ts';
import { operation, type Service, type ServiceId } from '../../../sandbox/core/service.ts';
import type { World } from '../../../sandbox/core/world.ts';
import { startWire, type Wire } from '../../../sandbox/wire/index.ts';
import { testWorld, type TestWorld } from '../support/world.ts';
import { smithy } from './signers.ts';

export const ROLE: Session = {
  accessKeyId: 'ASIAROLE000000000001',
  secretAccessKey: 'secret',
  sessionToken: 'token',
  caller: { kind: 'role', arn: 'arn:aws:sts::123456789012:assumed-role/role-name/session-name', roleName: 'role-name' },
};

type Handler = (input: never) => unknown;

/** A service whose operations do what a test says, and ask for no permission. */
export const stub = (id: ServiceId, handlers: Readonly<Record<string, Handler>>): Service => ({
  id,
  operations: Object.fromEntries(
    Object.entries(handlers).map(([name, handle]) => [name, operation(() => [], handle as (input: unknown) => never)]),
  ),
});

interface Served {
  readonly world: TestWorld;
  readonly wire: Wire;
  /** What an SDK client needs to call the wire: one attempt, so that an error shows at once. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly maxAttempts: number;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
}

/** A world with these services, served on a free port; the operator and one role have keys. */
export async function serve(
  services: (world: World) => readonly Service[] | Promise<readonly Service[]>,
  report?: (error: unknown) => void,
): Promise<Served> {
  const world = testWorld();
  for (const service of await services(world)) world.dispatcher.register(service);
  const credentials = new Credentials();
  credentials.add(OPERATOR);
  credentials.add(ROLE);
  const wire = await startWire({ world, credentials, report });
  const { accessKeyId, secretAccessKey } = OPERATOR;
  const client = {
    endpoint: wire.endpoint,
    region: 'eu-central-1',
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey },
  };
  return { world, wire, client };
}

/** The headers of a signed POST to the root, which is all that the RPC protocols know. */
export async function signedHeaders(
  service: string,
  body: string,
  { host, ...headers }: Readonly<Record<string, string>> & { readonly host: string },
  session: Session = OPERATOR,
): Promise<Record<string, string>> {
  const plain = { method: 'POST', host, segments: [], query: [], headers, body };
  const signing = { session, service, region: 'eu-central-1', time: Date.now() };
  const { rawHeaders } = await smithy(plain, signing);
  return Object.fromEntries(
    rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [])),
  );
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('was expected to reject');
}
