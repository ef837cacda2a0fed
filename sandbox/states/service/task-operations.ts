import type {
  SendTaskFailureInput,
  SendTaskFailureOutput,
  SendTaskHeartbeatInput,
  SendTaskHeartbeatOutput,
  SendTaskSuccessInput,
  SendTaskSuccessOutput,
} from '@aws-sdk/client-sfn';
import { AwsError } from '../../core/aws-error.ts';
import { operation, type Operation } from '../../core/service.ts';
import type { Json } from '../json.ts';
import { required } from './errors.ts';
import { on } from './machine-operations.ts';
import type { Store } from './store.ts';

function parsed(output: string): Json {
  try {
    return JSON.parse(output) as Json;
  } catch (error) {
    throw new AwsError('InvalidOutput', `Invalid Output: '${(error as SyntaxError).message}'`);
  }
}

/** What comes back with a task token. Source: Step Functions API Reference, SendTaskSuccess and its siblings. */
export function taskOperations({ tokens }: Store): Readonly<Record<string, Operation>> {
  return {
    SendTaskSuccess: operation<SendTaskSuccessInput, SendTaskSuccessOutput>(
      () => [on('SendTaskSuccess', '*')],
      ({ taskToken, output }) => {
        const task = tokens.find(required(taskToken, 'taskToken'));
        task.succeed(parsed(required(output, 'output')));
        tokens.discard(task.token);
        return {};
      },
    ),
    SendTaskFailure: operation<SendTaskFailureInput, SendTaskFailureOutput>(
      () => [on('SendTaskFailure', '*')],
      ({ taskToken, error, cause }) => {
        const task = tokens.find(required(taskToken, 'taskToken'));
        task.fail(error, cause);
        tokens.discard(task.token);
        return {};
      },
    ),
    SendTaskHeartbeat: operation<SendTaskHeartbeatInput, SendTaskHeartbeatOutput>(
      () => [on('SendTaskHeartbeat', '*')],
      ({ taskToken }) => {
        tokens.find(required(taskToken, 'taskToken')).heartbeat();
        return {};
      },
    ),
  };
}
