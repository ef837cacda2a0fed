import type { Clock } from './clock/clock.ts';
import { deploy, type Deployment } from './cloudformation/index.ts';
import { Credentials, OPERATOR } from './core/credentials.ts';
import { Dispatcher } from './core/dispatcher.ts';
import { Random } from './core/random.ts';
import { ResourcePolicies } from './core/resource-policies.ts';
import type { Provisioners } from './core/resources.ts';
import type { Service, ServiceId } from './core/service.ts';
import { ACCOUNT, REGION, type World } from './core/world.ts';
import { type AnyFault, FaultPlan } from './faults/fault-plan.ts';
import { applyFleet, type Fleet, publishParameters } from './fleets/index.ts';
import { createLambda, type Lambda } from './lambda/index.ts';
import { createAuthorizers, type Jwks } from './services/apigateway/authorizers/index.ts';
import { createApiGateway, type ApiGateway, type HttpApis } from './services/apigateway/index.ts';
import { type AutoScaling, createAutoScaling } from './services/autoscaling/index.ts';
import { type CloudWatch, createCloudWatch } from './services/cloudwatch/index.ts';
import { createDynamoDb, type DynamoDb } from './services/dynamodb/index.ts';
import { createEc2, type Ec2 } from './services/ec2/index.ts';
import { createEvents, type Events } from './services/events/index.ts';
import { createIam, type Iam, type Withhold } from './services/iam/index.ts';

import { createKms, type Kms } from './services/kms/index.ts';
import { createLogs, type Logs } from './services/logs/index.ts';
import { createS3 } from './services/s3/index.ts';
import { createScheduler, type Scheduler } from './services/scheduler/index.ts';
import { createSns, type Sns } from './services/sns/index.ts';
import { createSqs } from './services/sqs/index.ts';
import { createSsm, type SendCommandDenial, type Ssm } from './services/ssm/index.ts';
import { createSts } from './services/sts/index.ts';
import { createStates, type States } from './states/index.ts';
import { startWire, type Wire } from './wire/index.ts';

export interface SandboxOptions<C extends Clock> {
  readonly clock: C;
  /** Output folder of `cdk synth`. */
  readonly assembly: string;
  readonly fleet: Fleet;
  /** The same seed gives the same ids, delays and history. 1 unless told. */
  readonly seed?: number;
  readonly faults?: readonly AnyFault[];
  /** Actions taken out of a role's policies, to see what misses them. */
  readonly withhold?: readonly Withhold[];
  /** Whether SendCommand to many, of which the caller may not send to some, is denied whole (`call`) or to those alone. */
  readonly sendCommandDenial?: SendCommandDenial;
  /** Whether the schedules of the stacks wait until they are updated, so that what runs is what a test or a benchmark starts. */
  readonly holdSchedules?: boolean;
  /** Port to listen on; a free one unless told. */
  readonly port?: number;
  /** Port of the first HTTP API, the next ones follow; free ones unless told. */
  readonly apiPort?: number;
  /** Keys of the token issuers that JWT authorizers trust, by issuer. Nothing is fetched. */
  readonly jwks?: Jwks;
}

/** An embedded AWS with stacks deployed and a fleet running in it. */
export interface Sandbox<C extends Clock = Clock> {
  readonly clock: C;
  readonly endpoint: string;
  readonly deployment: Deployment;
  readonly dispatcher: Dispatcher;
  readonly faults: FaultPlan;
  readonly iam: Iam;
  readonly states: States;
  readonly ec2: Ec2;
  readonly autoscaling: AutoScaling;
  readonly ssm: Ssm;
  readonly sns: Sns;
  readonly apis: HttpApis;
  /** Calls an operation as the operator, who may do everything. */
  call(service: ServiceId, operation: string, input: object): Promise<unknown>;
  close(): Promise<void>;
}

interface Parts {
  readonly iam: Iam;
  readonly states: States;
  readonly lambda: Lambda;
  readonly ec2: Ec2;
  readonly autoscaling: AutoScaling;
  readonly ssm: Ssm;
  readonly scheduler: Scheduler;
  readonly cloudwatch: CloudWatch;
  readonly kms: Kms;
  readonly sns: Sns;
  readonly dynamoDb: DynamoDb;
  readonly apiGateway: ApiGateway;
  readonly services: readonly Service[];
  readonly provisioners: Provisioners;
}

/** The world, whose parts need each other: events, logs and IAM are bound late, when the services exist. */
class LateWorld<C extends Clock> implements World {
  readonly account = ACCOUNT;
  readonly region = REGION;
  readonly clock: C;
  readonly random: Random;
  readonly resourcePolicies = new ResourcePolicies();
  readonly faults: FaultPlan;
  readonly dispatcher: Dispatcher;
  late: { readonly events: Events; readonly logs: Logs; readonly iam: Iam; readonly states: States } | undefined;

  constructor({ clock, seed = 1, faults = [] }: Pick<SandboxOptions<C>, 'clock' | 'seed' | 'faults'>) {
    this.clock = clock;
    this.random = new Random(seed);
    this.faults = new FaultPlan(faults);
    this.dispatcher = new Dispatcher({
      clock,
      random: this.random,
      faults: this.faults,
      authorize: (caller, permissions, call) => this.#bound.iam.authorize(caller, permissions, call),
      stopExecution: (executionArn) => this.#bound.states.stop(executionArn),
    });
  }

  get #bound(): NonNullable<LateWorld<C>['late']> {
    if (this.late === undefined) throw new Error('the sandbox was used before it was put together');
    return this.late;
  }

  emit: World['emit'] = (event) => this.#bound.events.emit(event);
  log: World['log'] = (group, stream, lines) => this.#bound.logs.write(group, stream, lines);
}

async function createParts(
  world: LateWorld<Clock>,
  credentials: Credentials,
  endpoint: () => string,
  { sendCommandDenial, apiPort = 0, jwks = {} }: Omit<SandboxOptions<Clock>, 'clock' | 'assembly' | 'fleet'>,
): Promise<Parts> {
  const iam = createIam(world);
  const assumeRole = (roleArn: string, sessionName: string) =>
    iam.assume(roleArn, 'lambda.amazonaws.com', { sessionName });
  const callerOf = (profile: string, instanceId: string) => iam.callerOfInstanceProfile(profile, instanceId);
  const [states, lambda, ec2] = [
    createStates(world),
    createLambda(world, { credentials, endpoint, assumeRole }),
    createEc2(world, { callerOf, parameterOf: (reference) => ssm.parameters.find(reference).found }),
  ];
  const ssm: Ssm = createSsm(world, {
    ec2: ec2.store,
    callerOf,
    sendCommandDenial,
  });
  const [cloudwatch, kms] = [createCloudWatch(world), createKms(world, iam)];
  const autoscaling = createAutoScaling(world, { ec2, alarmState: cloudwatch.alarmState });
  const [events, scheduler, logs, sns, sqs, s3] = [
    createEvents(world, { iam, faults: world.faults }),
    createScheduler(world, iam),
    createLogs(world),
    createSns(world),
    createSqs(world),
    createS3(world),
  ];
  const dynamoDb = createDynamoDb(world);
  const authorizers = createAuthorizers(world, { credentials, iam, jwks });
  const apiGateway = createApiGateway(world, { authorizers, port: apiPort });
  world.late = { events, logs, iam, states };
  const services = [states, lambda, ssm, events, scheduler, cloudwatch, kms, logs, sns, sqs, s3, dynamoDb];
  const resources = [iam, apiGateway, ...services].map((each) => each.resources);
  return {
    ...{ iam, states, lambda, ec2, autoscaling, ssm, scheduler, cloudwatch, kms, sns, dynamoDb, apiGateway },
    services: [...services, ec2, autoscaling, createSts(world)].map(({ service }) => service),
    provisioners: Object.assign({}, ...resources) as Provisioners,
  };
}

/** Puts the services together, deploys the assembly, starts the fleet and listens on 127.0.0.1. */
export async function createSandbox<C extends Clock>(options: SandboxOptions<C>): Promise<Sandbox<C>> {
  const world = new LateWorld(options);
  const credentials = new Credentials();
  credentials.add(OPERATOR);
  let wire: Wire | undefined = undefined as Wire | undefined;
  const parts = await createParts(world, credentials, () => wire?.endpoint ?? '', options);
  for (const service of parts.services) world.dispatcher.register(service);
  const close = async () => {
    await wire?.close();
    await parts.apiGateway.close();
    await parts.lambda.close();
    parts.dynamoDb.close();
  };
  try {
    wire = await startWire({ world, credentials, port: options.port ?? 0 });
    publishParameters(options.fleet, parts.ssm.parameters);
    const deployment = await deploy(options.assembly, { provisioners: parts.provisioners, world });
    if (options.holdSchedules === true) parts.scheduler.hold();
    parts.apiGateway.check();
    parts.iam.withhold(options.withhold ?? []);
    await parts.iam.prepare();
    await applyFleet(options.fleet, {
      world,
      ec2: parts.ec2.store,
      autoscaling: parts.autoscaling,
      parameters: parts.ssm.parameters,
      alarms: parts.cloudwatch.alarms,
      keys: parts.kms.keys,
      outputs: deployment.outputs,
      hasProfile: (name) => parts.iam.hasInstanceProfile(name),
      addUser: async ({ name, accessKeyId, secretAccessKey, policies }) => {
        const caller = await parts.iam.addUser(name, policies);
        credentials.add({ accessKeyId, secretAccessKey, caller });
      },
    });
    const call = (service: ServiceId, operation: string, input: object) =>
      world.dispatcher.call(OPERATOR.caller, service, operation, input);
    const { iam, states, ec2, autoscaling, ssm, sns, apiGateway } = parts;
    const { clock, dispatcher, faults } = world;
    return {
      ...{ clock, dispatcher, faults, iam, states, ec2, autoscaling, ssm, sns, call, close, deployment },
      endpoint: wire.endpoint,
      apis: apiGateway.apis,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
