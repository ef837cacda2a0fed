import type * as z from '../zod.ts';
import { AmiRolloutRequest, AmiRolloutResult } from './ami-rollout.ts';
import { FleetCommandRequest, FleetCommandResult } from './fleet-command.ts';
import { RunCommandRequest, RunCommandResult } from './run-command.ts';
import { StartAssociationRequest, StartAssociationResult } from './start-association.ts';

/** A route that starts a runbook; one function is deployed for each, from `functions/start-runbook.ts`. */
export interface StartRoute {
  readonly method: 'POST';
  readonly path: `/${string}`;
  readonly runbook: string;
  readonly operationId: string;
  readonly summary: string;
  readonly request: z.ZodMiniType<object>;
  readonly result: z.ZodMiniType;
  /** A request that works, for the OpenAPI document and docs/api.md. */
  readonly example: Readonly<Record<string, unknown>>;
  /**
   * Where a stop request is honoured: `anywhere` for a runbook that can be stopped at any moment and leaves nothing
   * half-way, `safe-points` for one that looks for the request itself.
   */
  readonly stops: 'anywhere' | 'safe-points';
}

/** A route that starts nothing; its function has a file of its own. */
export interface OwnRoute {
  readonly method: 'GET' | 'POST';
  readonly path: `/${string}`;
  readonly function: string;
  readonly operationId: string;
  readonly summary: string;
}

/** Which route starts which runbook, and what it takes. A new runbook is on the API, and in its document, by a line here. */
export const START_ROUTES: readonly StartRoute[] = [
  {
    method: 'POST',
    path: '/run-commands',
    runbook: 'run-command',
    operationId: 'startRunCommand',
    summary: 'Runs commands on one instance',
    request: RunCommandRequest,
    result: RunCommandResult,
    example: { instance_id: 'i-0aa11bb22cc33dd01', commands: ['uptime', 'df -h /'], timeout_seconds: 300 },
    stops: 'anywhere',
  },
  {
    method: 'POST',
    path: '/fleet-commands',
    runbook: 'fleet-command',
    operationId: 'startFleetCommand',
    summary: 'Runs one script on many machines',
    request: FleetCommandRequest,
    result: FleetCommandResult,
    example: {
      targets: { tags: { role: 'web' } },
      commands: ['systemctl is-active nginx'],
      max_concurrency: '10%',
      max_errors: 5,
      canary: 1,
    },
    stops: 'safe-points',
  },
  {
    method: 'POST',
    path: '/start-association',
    runbook: 'start-association',
    operationId: 'startAssociation',
    summary: 'Runs a State Manager association once on all of its targets',
    request: StartAssociationRequest,
    result: StartAssociationResult,
    example: { association_id: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff', timeout_seconds: 600 },
    stops: 'anywhere',
  },
  {
    method: 'POST',
    path: '/ami-rollouts',
    runbook: 'ami-rollout',
    operationId: 'startAmiRollout',
    summary: 'Rolls the AMI of a parameter through what follows it',
    request: AmiRolloutRequest,
    result: AmiRolloutResult,
    example: { parameter: '/ami/linux/test', dry_run: true },
    stops: 'safe-points',
  },
];

export const OWN_ROUTES: readonly OwnRoute[] = [
  {
    method: 'GET',
    path: '/executions',
    function: 'list-executions',
    operationId: 'listExecutions',
    summary: 'Lists executions, the latest first',
  },
  {
    method: 'GET',
    path: '/executions/{id}',
    function: 'get-execution',
    operationId: 'getExecution',
    summary: 'Tells how far an execution has got, and its result',
  },
  {
    method: 'POST',
    path: '/executions/{id}/stop',
    function: 'stop-execution',
    operationId: 'stopExecution',
    summary: 'Asks an execution to stop',
  },
  {
    method: 'POST',
    path: '/approvals/{id}',
    function: 'decide-approval',
    operationId: 'decideApproval',
    summary: 'Approves or refuses a rollout that waits for it',
  },
  {
    method: 'GET',
    path: '/openapi.json',
    function: 'get-openapi',
    operationId: 'getOpenapi',
    summary: 'The OpenAPI 3.1 document of this API',
  },
];
