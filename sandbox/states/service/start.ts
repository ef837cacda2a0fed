import type { StartExecutionInput } from '@aws-sdk/client-sfn';
import { AwsError } from '../../core/aws-error.ts';
import type { Execution } from '../engine/execution.ts';
import { PAYLOAD_LIMIT, exceedsPayload } from '../json.ts';
import { checkName, required } from './errors.ts';
import type { Store } from './store.ts';

function checkInput(input: string): void {
  if (exceedsPayload(input)) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${PAYLOAD_LIMIT}`,
    );
  }
  try {
    JSON.parse(input);
  } catch (error) {
    const why = input.trim() === '' ? 'Invalid execution input.' : (error as SyntaxError).message;
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
  }
}

/**
 * Starts an execution. The same name with the same input while it runs is the same execution; any other use of a
 * taken name is ExecutionAlreadyExists. Source: StartExecution.
 */
export function startExecution(store: Store, { stateMachineArn, name, input = '{}' }: StartExecutionInput): Execution {
  const { revision, versionArn, aliasArn } = store.resolve(required(stateMachineArn, 'stateMachineArn'));
  if (name !== undefined) checkName(name);
  checkInput(input);
  const own = name ?? store.world.random.uuid();
  const arn = store.arn('execution', `${revision.name}:${own}`);
  const existing = store.executions.get(arn);
  if (existing !== undefined) {
    if (existing.status === 'RUNNING' && existing.start.input === input) return existing;
    throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
  }
  return store.begin(revision, own, input, {
    mapRunArn: undefined,
    stateMachineVersionArn: versionArn,
    stateMachineAliasArn: aliasArn,
  });
}
