import type { Clock, Scope } from '../clock/clock.ts';
import { failed, throttled } from '../faults/fault-errors.ts';
import type { FaultAction, FaultPlan } from '../faults/fault-plan.ts';
import { AnswerLost, AwsError, notImplemented } from './aws-error.ts';
import { denied } from './denial.ts';
import type { Random } from './random.ts';
import type { Call, Caller, Operation, Permission, Service, ServiceId } from './service.ts';

/** Says whether a caller may do what a call needs; throws AwsError AccessDenied naming the action otherwise. */
export type Authorize = (caller: Caller, permissions: readonly Permission[], call: Call) => Promise<void>;

/** One line of the journal: what was called by whom, and how it ended. */
export interface JournalEntry {
  readonly at: number;
  readonly caller: Caller;
  readonly service: ServiceId;
  readonly operation: string;
  readonly permissions: readonly Permission[];
  /** ARN of the Step Functions execution that caused the call, where one did. */
  readonly executionArn?: string;
  /** `ok`, or the code of the error that the caller got. */
  readonly outcome: string;
}

export interface CallOptions {
  readonly executionArn?: string;
  /** The id that the caller is told, where the call came over HTTP. */
  readonly requestId?: string;
  /** The work that the call is part of, where it came over HTTP and the runtime cannot tell. */
  readonly scope?: Scope;
}

interface Dependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: FaultPlan;
  readonly authorize: Authorize;
  /** Stops a Step Functions execution, for the fault of that name. */
  readonly stopExecution: (executionArn: string) => Promise<void>;
}

const anything = ({ service, operation }: Call): Permission => ({ action: `${service}:${operation}`, resource: '*' });

/** The one way into every service, from the wire, the state machines and the event bus alike: faults, IAM, handler, journal. */
export class Dispatcher {
  readonly journal: JournalEntry[] = [];
  readonly #services = new Map<ServiceId, Service>();
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  register(service: Service): void {
    this.#services.set(service.id, service);
  }

  /**
   * Calls an operation with its input as the SDK types it. Rejects with AwsError as the service would answer, or with
   * AnswerLost where a fault says so.
   */
  async call(
    caller: Caller,
    service: ServiceId,
    operation: string,
    input: unknown,
    options: CallOptions = {},
  ): Promise<unknown> {
    const { scope, ...origin } = options;
    const call: Call = {
      caller,
      service,
      operation,
      ...origin,
      requestId: options.requestId ?? this.#dependencies.random.uuid(),
    };
    return this.#dependencies.clock.during(() => this.#journalled(call, input), scope);
  }

  /** Whether the caller of a call may do this too, for operations that refuse some of their resources and not the call. */
  async allows(call: Call, permission: Permission): Promise<boolean> {
    try {
      await this.#dependencies.authorize(call.caller, [permission], call);
      return true;
    } catch (error) {
      if (error instanceof AwsError) return false;
      throw error;
    }
  }

  async #journalled(call: Call, input: unknown): Promise<unknown> {
    const { caller, service, operation, executionArn } = call;
    const permissions: Permission[] = [];
    let outcome = 'ok';
    try {
      return await this.#run(call, input, permissions);
    } catch (error) {
      outcome = error instanceof AwsError ? error.code : error instanceof Error ? error.name : 'Error';
      throw error;
    } finally {
      const at = this.#dependencies.clock.now();
      this.journal.push({
        at,
        caller,
        service,
        operation,
        permissions,
        outcome,
        ...(executionArn !== undefined && { executionArn }),
      });
    }
  }

  async #run(call: Call, input: unknown, permissions: Permission[]): Promise<unknown> {
    const found = this.#find(call);
    const fault =
      call.caller.kind === 'role' ? this.#dependencies.faults.next(call.service, call.operation) : undefined;
    await this.#before(fault, call);
    permissions.push(...found.permissions(input as never, call));
    if (fault?.kind === 'deny') throw denied(call, permissions[0] ?? anything(call), 'identity-implicit');
    await this.#dependencies.authorize(call.caller, permissions, call);
    const output = await found.handle(input as never, call);
    if (fault?.kind === 'lose-answer') throw new AnswerLost(`the answer of ${call.service}:${call.operation} was lost`);
    return output;
  }

  #find(call: Call): Operation {
    const operation = this.#services.get(call.service)?.operations[call.operation];
    if (operation === undefined) throw notImplemented(`${call.service}:${call.operation}`);
    return operation;
  }

  async #before(fault: FaultAction | undefined, call: Call): Promise<void> {
    switch (fault?.kind) {
      case 'throttle':
        throw throttled(call.service);
      case 'server-error':
        throw failed(call.service);
      case 'delay':
        return this.#dependencies.clock.sleep(fault.seconds * 1000);
      case 'stop-execution':
        if (call.executionArn === undefined)
          throw new Error(`stop-execution at ${call.service}:${call.operation}: the call belongs to no execution`);
        return this.#dependencies.stopExecution(call.executionArn);
      default:
        return;
    }
  }
}
