import type { Provisioners } from '../core/resources.ts';
import type { Service } from '../core/service.ts';
import type { World } from '../core/world.ts';
import type { Execution } from './engine/execution.ts';
import { stateMachineResources } from './resources.ts';
import { executionOperations } from './service/execution-operations.ts';
import { machineOperations } from './service/machine-operations.ts';
import { mapRunOperations } from './service/map-run-operations.ts';
import { Store } from './service/store.ts';
import { taskOperations } from './service/task-operations.ts';

/** Step Functions, and what other parts of the sandbox need of it. */
export interface States {
  readonly service: Service;
  readonly resources: Provisioners;
  /** Ends an execution as StopExecution does; one that has ended stays as it is. Rejects with ExecutionDoesNotExist. */
  stop(executionArn: string, error?: string, cause?: string): Promise<void>;
  /** An execution with its history and its count of transitions. */
  execution(executionArn: string): Execution | undefined;
  /** All executions in the order of their start, children of Map Runs included. */
  executions(): readonly Execution[];
}

/** Creates the service; register it with the dispatcher. */
export function createStates(world: World): States {
  const store = new Store(world);
  return {
    service: {
      id: 'states',
      operations: {
        ...machineOperations(store),
        ...executionOperations(store),
        ...mapRunOperations(store),
        ...taskOperations(store),
      },
    },
    resources: stateMachineResources(store),
    async stop(executionArn, error, cause) {
      const why = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
      store.execution(executionArn).abort(why, world.clock.date());
    },
    execution: (executionArn) => store.findExecution(executionArn),
    executions: () => [...store.executions.values()],
  };
}
