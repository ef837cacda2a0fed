import type { ServiceId } from '../core/service.ts';
import { NormalizedSchema, traitsOf, type SchemaRef, type Traits } from './schema.ts';

export type ProtocolName =
  'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'ec2Query' | 'restJson1' | 'restXml' | 'rpcv2Cbor';

/** What the schemas do not say about a service: how it speaks, and the namespace and version of its XML. */
interface Description {
  readonly protocol: ProtocolName;
  /** What clients may speak instead, told by their headers. */
  readonly also?: readonly ProtocolName[];
  /** The service in the scope of signatures, where it has another name there. */
  readonly signsAs?: string;
  readonly load: () => Promise<object>;
  readonly namespace?: string;
  readonly version?: string;
}

const DESCRIPTIONS: Readonly<Record<ServiceId, Description>> = {
  autoscaling: {
    protocol: 'awsQuery',
    load: () => import('@aws-sdk/client-auto-scaling'),
    namespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    version: '2011-01-01',
  },
  cloudwatch: {
    protocol: 'awsQuery',
    also: ['awsJson1_0', 'rpcv2Cbor'],
    signsAs: 'monitoring',
    load: () => import('@aws-sdk/client-cloudwatch'),
    namespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    version: '2010-08-01',
  },
  dynamodb: { protocol: 'awsJson1_0', load: () => import('@aws-sdk/client-dynamodb') },
  ec2: {
    protocol: 'ec2Query',
    load: () => import('@aws-sdk/client-ec2'),
    namespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    version: '2016-11-15',
  },
  events: { protocol: 'awsJson1_1', load: () => import('@aws-sdk/client-eventbridge') },
  kms: { protocol: 'awsJson1_1', load: () => import('@aws-sdk/client-kms') },
  lambda: { protocol: 'restJson1', load: () => import('@aws-sdk/client-lambda') },
  logs: { protocol: 'awsJson1_1', load: () => import('@aws-sdk/client-cloudwatch-logs') },
  s3: {
    protocol: 'restXml',
    load: () => import('@aws-sdk/client-s3'),
    namespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
  },
  scheduler: { protocol: 'restJson1', load: () => import('@aws-sdk/client-scheduler') },
  sns: {
    protocol: 'awsQuery',
    load: () => import('@aws-sdk/client-sns'),
    namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    version: '2010-03-31',
  },
  sqs: { protocol: 'awsJson1_0', load: () => import('@aws-sdk/client-sqs') },
  ssm: { protocol: 'awsJson1_1', load: () => import('@aws-sdk/client-ssm') },
  states: { protocol: 'awsJson1_0', load: () => import('@aws-sdk/client-sfn') },
  sts: {
    protocol: 'awsQuery',
    load: () => import('@aws-sdk/client-sts'),
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    version: '2011-06-15',
  },
};

type RawOperation = readonly [
  kind: 9,
  namespace: string,
  name: string,
  traits: unknown,
  input: SchemaRef,
  output: SchemaRef,
];

/** One operation of a service by its schemas, which are read when they are first needed. */
export class ApiOperation {
  readonly name: string;
  readonly http: Traits['http'];
  readonly #raw: RawOperation;

  constructor(raw: RawOperation) {
    this.#raw = raw;
    this.name = raw[2];
    this.http = typeof raw[3] === 'object' ? (raw[3] as Traits).http : undefined;
  }

  get input(): NormalizedSchema {
    return NormalizedSchema.of(this.#raw[4]);
  }

  get output(): NormalizedSchema {
    return NormalizedSchema.of(this.#raw[5]);
  }
}

/** A service as its SDK client describes it. */
export interface Api {
  readonly id: ServiceId;
  readonly protocol: ProtocolName;
  /** Whether errors carry the code of the query protocol beside their own. */
  readonly queryCompatible: boolean;
  readonly namespace: string;
  readonly version: string;
  readonly operations: ReadonlyMap<string, ApiOperation>;
  /** Modelled errors by shape name and, where the query protocol names them differently, by that code too. */
  readonly errors: ReadonlyMap<string, NormalizedSchema>;
}

const kindOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : undefined);

async function load(id: ServiceId): Promise<Api> {
  const { protocol, also = [], load: client, namespace = '', version = '' } = DESCRIPTIONS[id];
  const exported = Object.values(await client()) as unknown[];
  const operations = exported
    .filter((value): value is RawOperation => kindOf(value) === 9)
    .map((raw) => [raw[2], new ApiOperation(raw)] as const);
  const errors = exported
    .filter((value) => kindOf(value) === -3)
    .map((raw) => NormalizedSchema.of(raw as SchemaRef))
    .flatMap((schema) => namesOf(schema).map((name) => [name, schema] as const));
  const queryCompatible = id === 'sqs' || also.length > 0;
  return {
    id,
    protocol,
    queryCompatible,
    namespace,
    version,
    operations: new Map(operations),
    errors: new Map(errors),
  };
}

function namesOf(error: NormalizedSchema): string[] {
  const code = traitsOf(error).awsQueryError?.[0];
  return code === undefined ? [error.getName() ?? ''] : [code, error.getName() ?? ''];
}

const loaded = new Map<ServiceId, Promise<Api>>();

const isServiceId = (name: string): name is ServiceId => Object.hasOwn(DESCRIPTIONS, name);

/** The service in the scope of signatures. */
export const signingName = (id: ServiceId): string => DESCRIPTIONS[id].signsAs ?? id;

const BY_SIGNING_NAME = new Map(
  Object.keys(DESCRIPTIONS)
    .filter(isServiceId)
    .map((id) => [signingName(id), id] as const),
);

/** The service that signatures are scoped to by a name. */
export const serviceSigningAs = (name: string): ServiceId | undefined => BY_SIGNING_NAME.get(name);

/** What a service speaks: its own protocol, or the other one that a request is in. */
export function protocolFor(id: ServiceId, told: ProtocolName | undefined): ProtocolName {
  const { protocol, also = [] } = DESCRIPTIONS[id];
  return told !== undefined && also.includes(told) ? told : protocol;
}

/** The description of a service; its client package is loaded on first use and kept. */
export function apiOf(id: ServiceId): Promise<Api> {
  const api = loaded.get(id) ?? load(id);
  loaded.set(id, api);
  return api;
}
