import { VirtualClock } from '../../clock/virtual-clock.ts';
import { AwsError } from '../../core/aws-error.ts';
import { Dispatcher } from '../../core/dispatcher.ts';
import { Random } from '../../core/random.ts';
import { ResourcePolicies } from '../../core/resource-policies.ts';
import { ACCOUNT, REGION, type World } from '../../core/world.ts';
import { OPERATOR } from '../../core/credentials.ts';
import { FaultPlan } from '../../faults/fault-plan.ts';
import { createStates } from '../index.ts';
import type { Json } from '../json.ts';
import type { Outcome, Recorded } from './recorded.ts';

/** A year: longer than any execution runs on AWS. */
const LONGEST = 366 * 24 * 3600 * 1000;

/** A world with Step Functions and nothing else. */
function bareWorld(clock: VirtualClock): World {
  const random = new Random(1);
  const dispatcher = new Dispatcher({
    clock,
    random,
    faults: new FaultPlan(),
    authorize: async () => undefined,
    stopExecution: async () => undefined,
  });
  const silent = () => undefined;
  return {
    account: ACCOUNT,
    region: REGION,
    clock,
    random,
    dispatcher,
    resourcePolicies: new ResourcePolicies(),
    emit: silent,
    log: silent,
  };
}

/** Runs a recorded execution anew, in virtual time. A definition that is refused is an outcome too. */
export async function replay({ definition, input }: Recorded): Promise<Outcome> {
  const clock = new VirtualClock();
  const world = bareWorld(clock);
  const states = createStates(world);
  world.dispatcher.register(states.service);
  const call = (operation: string, value: object) => world.dispatcher.call(OPERATOR.caller, 'states', operation, value);
  try {
    const role = `arn:aws:iam::${ACCOUNT}:role/conformance`;
    const created = await call('CreateStateMachine', {
      name: 'conformance',
      definition: JSON.stringify(definition),
      roleArn: role,
    });
    const { stateMachineArn } = created as { stateMachineArn: string };
    const started = await call('StartExecution', { stateMachineArn, name: 'execution', input: JSON.stringify(input) });
    const execution = states.execution((started as { executionArn: string }).executionArn);
    await clock.runUntil(() => execution?.end !== undefined, clock.now() + LONGEST);
    const { output, error, cause } = execution?.end ?? {};
    const eventTypes = execution?.history.events.map(({ type }) => type ?? '') ?? [];
    return {
      status: execution?.status ?? 'MISSING',
      output: output === undefined ? undefined : (JSON.parse(output) as Json),
      error,
      cause,
      eventTypes,
    };
  } catch (thrown) {
    if (!(thrown instanceof AwsError)) throw thrown;
    return { status: 'REFUSED', error: thrown.code, cause: thrown.message, eventTypes: [] };
  }
}
