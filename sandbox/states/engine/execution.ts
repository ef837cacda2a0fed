import type { ExecutionStatus, HistoryEvent, LoggingConfiguration } from '@aws-sdk/client-sfn';
import type { Caller } from '../../core/service.ts';
import type { Definition } from '../definition/model.ts';
import { Aborted, type StateFailure } from '../failure.ts';
import type { Json, JsonObject } from '../json.ts';
import { History, type NewEvent } from './history.ts';

/** What an execution keeps of its machine: a later UpdateStateMachine does not reach it. */
export interface MachineRevision {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly definitionText: string;
  readonly definition: Definition;
  readonly logging: LoggingConfiguration;
  readonly tracing: boolean;
  readonly updateDate: Date;
  readonly revisionId: string | undefined;
}

/** The data of a state as it moves on, with its JSON text, which history and limits need. */
export interface Payload {
  readonly value: Json;
  readonly text: string;
}

export const payload = (value: Json): Payload => ({ value, text: JSON.stringify(value) });

export interface Start {
  readonly arn: string;
  readonly name: string;
  readonly machine: MachineRevision;
  readonly input: string;
  readonly startDate: Date;
  /** The role of the machine, with the session that this execution assumed it in. */
  readonly caller: Caller;
  readonly mapRunArn: string | undefined;
  readonly stateMachineVersionArn: string | undefined;
  readonly stateMachineAliasArn: string | undefined;
}

/** How an execution ends. */
export interface End {
  readonly status: Exclude<ExecutionStatus, 'RUNNING' | 'PENDING_REDRIVE'>;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

interface Listeners {
  readonly event: (event: HistoryEvent) => void;
  readonly changed: (execution: Execution) => void;
}

/** One execution: its record, its history, and the signal that ends its work. */
export class Execution {
  readonly start: Start;
  readonly history: History;
  readonly ended: Promise<void>;
  /** The part of the context object that never changes. */
  readonly context: JsonObject;
  end: End | undefined;
  stopDate: Date | undefined;
  /** States entered, retries included: what Step Functions bills. */
  transitions = 0;
  readonly #controller = new AbortController();
  readonly #listeners: Listeners;
  #resolve: () => void = () => undefined;

  constructor(start: Start, listeners: Listeners) {
    this.start = start;
    this.#listeners = listeners;
    this.history = new History(listeners.event);
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
    this.context = {
      Id: start.arn,
      Input: JSON.parse(start.input) as Json,
      StartTime: start.startDate.toISOString(),
      Name: start.name,
      RoleArn: start.machine.roleArn,
      RedriveCount: 0,
    };
    const details = { input: start.input, inputDetails: { truncated: false }, roleArn: start.machine.roleArn };
    const { stateMachineAliasArn, stateMachineVersionArn } = start;
    const through = {
      ...(stateMachineAliasArn && { stateMachineAliasArn }),
      ...(stateMachineVersionArn && { stateMachineVersionArn }),
    };
    this.history.add(
      { type: 'ExecutionStarted', executionStartedEventDetails: { ...details, ...through } },
      0,
      start.startDate,
    );
    listeners.changed(this);
  }

  get status(): ExecutionStatus {
    return this.end?.status ?? 'RUNNING';
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  succeed(output: string, previous: number, at: Date): void {
    const executionSucceededEventDetails = { output, outputDetails: { truncated: false } };
    this.#finish(
      { status: 'SUCCEEDED', output },
      { type: 'ExecutionSucceeded', executionSucceededEventDetails },
      previous,
      at,
    );
  }

  fail({ error, cause }: StateFailure, previous: number, at: Date): void {
    const why = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
    this.#finish(
      { status: 'FAILED', ...why },
      { type: 'ExecutionFailed', executionFailedEventDetails: why },
      previous,
      at,
    );
  }

  /** Ends the execution from outside; no Catch runs. Does nothing once it has ended. */
  abort(why: { readonly error?: string; readonly cause?: string }, at: Date): void {
    this.#finish({ status: 'ABORTED', ...why }, { type: 'ExecutionAborted', executionAbortedEventDetails: why }, 0, at);
  }

  /** The machine's own TimeoutSeconds have passed. */
  timeOut(at: Date): void {
    const executionTimedOutEventDetails = { error: 'States.Timeout' };
    this.#finish({ status: 'TIMED_OUT' }, { type: 'ExecutionTimedOut', executionTimedOutEventDetails }, 0, at);
  }

  #finish(end: End, event: NewEvent, previous: number, at: Date): void {
    if (this.end !== undefined) return;
    this.end = end;
    this.stopDate = at;
    this.history.close(event, previous, at);
    this.#controller.abort(new Aborted('the execution has ended'));
    this.#resolve();
    this.#listeners.changed(this);
  }
}
