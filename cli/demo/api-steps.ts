import type { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import type { ApiAnswer, ApiClient, ApiRequest } from '../lib/api-client.ts';
import { watchExecution } from '../lib/watch-execution.ts';
import type { Machine } from './fleet.ts';
import { bad, good, indented, line, transitionPrinter } from './print.ts';

/** Where `npm run sandbox` puts the API, so that the lines shown work there. */
const READERS_SANDBOX = 'http://127.0.0.1:4601';

const Accepted = z.object({ execution_id: z.string() });
/** The part of run-command's result that the demo shows. See docs/runbooks/run-command.md. */
const Result = z.object({
  status: z.string(),
  exit_code: z.number(),
  stdout: z.string(),
  command_id: z.string(),
  bucket: z.string().optional(),
  key_prefix: z.string().optional(),
});
const Execution = z.object({ status: z.string(), result: Result });
const Problem = z.object({ type: z.string(), title: z.string(), detail: z.string() });

export interface Steps {
  readonly api: ApiClient;
  readonly sfn: SFNClient;
  readonly stateMachineArn: string;
}

/** Sends a request, shown as a reader can repeat it, and expects a status. */
export async function ask(api: ApiClient, request: ApiRequest, expected: number): Promise<ApiAnswer> {
  indented(api.curl(request, READERS_SANDBOX), '$');
  const answer = await api.send(request);
  if (answer.status !== expected)
    throw new Error(`${request.method} ${request.path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer;
}

/** The ARN of the execution that a request has started: behind the runbook's name, the id is the execution's name. */
export function executionArnOf(stateMachineArn: string, started: ApiAnswer): string {
  const name = Accepted.parse(started.body).execution_id.replace(/^[^.]*\./, '');
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}

/** Starts the default diagnostics through the API, follows the states, and reads the result where Location says. */
export async function runDiagnostics({ api, sfn, stateMachineArn }: Steps, machine: Machine): Promise<void> {
  const started = await ask(
    api,
    {
      method: 'POST',
      path: '/run-commands',
      headers: { 'idempotency-key': 'demo' },
      body: { instance_id: machine.instanceId },
    },
    202,
  );
  const location = started.headers.get('location') ?? '';
  line(`   202, Location: ${location}  (${machine.name})`);
  await watchExecution(sfn, executionArnOf(stateMachineArn, started), transitionPrinter());
  const { body } = await ask(api, { method: 'GET', path: location }, 200);
  const { status, result } = Execution.parse(body);
  line(`   200, ${status}: ${good(result.status)}, exit code ${result.exit_code}, command ${result.command_id}`);
  if (result.bucket !== undefined) line(`   all of its output: s3://${result.bucket}/${result.key_prefix ?? ''}`);
  indented(result.stdout);
}

export interface Refusal {
  readonly what: string;
  readonly instanceId: string;
  readonly status: number;
  readonly error: string;
}

/** Asks for a command that must be refused, and waits for the problem document. */
export async function showRefusal(api: ApiClient, { what, instanceId, status, error }: Refusal): Promise<void> {
  line(`   ${what}`);
  const { body } = await ask(
    api,
    {
      method: 'POST',
      path: '/run-commands',
      headers: { prefer: 'wait=10' },
      body: { instance_id: instanceId, commands: ['echo this must never run'] },
    },
    status,
  );
  const { type, detail } = Problem.parse(body);
  line(`   ${status} ${bad(type)}`);
  indented(detail);
  if (!type.endsWith(`:${error}`)) throw new Error(`expected ${error}, got ${type}`);
}
