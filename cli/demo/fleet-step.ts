import * as z from 'zod';
import { watchExecution } from '../lib/watch-execution.ts';
import { ask, executionArnOf, type Steps } from './api-steps.ts';
import { bad, good, line } from './print.ts';

/** The part of fleet-command's result that the demo shows. See docs/runbooks/fleet-command.md. */
const Execution = z.object({
  result: z.object({
    summary: z.string(),
    outputs: z.array(z.object({ status: z.string(), exit_code: z.number(), machines: z.number(), output: z.string() })),
    refused: z.array(z.object({ instance_id: z.string(), reason: z.string() })),
    results_uri: z.string(),
  }),
});

/** Runs one script on all Linux machines of a tag, on one of which it fails, and shows what is told of each. */
export async function runOnFleet({ api, sfn, stateMachineArn }: Steps): Promise<void> {
  const body = {
    targets: { tags: { Name: ['web-1', 'web-2', 'db-1', 'edge-1'] } },
    commands: ['systemctl is-active nginx'],
    max_concurrency: 2,
    max_errors: 2,
  };
  const headers = { 'idempotency-key': 'demo-fleet' };
  const started = await ask(api, { method: 'POST', path: '/fleet-commands', headers, body }, 202);
  const location = started.headers.get('location') ?? '';
  await watchExecution(sfn, executionArnOf(stateMachineArn, started), () => undefined);
  const answer = await ask(api, { method: 'GET', path: location }, 200);
  const { result } = Execution.parse(answer.body);
  line(`   ${result.summary}`);
  for (const { status, exit_code: code, machines, output } of result.outputs) {
    const told = status === 'Success' ? good(status) : bad(status);
    line(`   ${machines} × ${told}, exit code ${code}: ${output.trim().split('\n', 1)[0] ?? ''}`);
  }
  for (const { instance_id: id, reason } of result.refused) line(`   ${id} refused: ${bad(reason)}`);
  line(`   a line for each machine: ${result.results_uri}`);
}
