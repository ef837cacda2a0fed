import { Logger } from '@aws-lambda-powertools/logger';
import middy, { type MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type * as z from './zod.ts';
import { AccessDenied, InvalidRequest, UnexpectedResult } from './errors.ts';
import { problemsOf } from './problems.ts';
import { Execution } from './schemas/common.ts';

const logger = new Logger();

interface Contract<I, O> {
  readonly input: z.ZodMiniType<I>;
  readonly output: z.ZodMiniType<O>;
  /** What the function works on, for the log. */
  readonly target: (input: I) => string;
}

/**
 * Makes the handler of a state machine's Task: parses what comes in (InvalidRequest with every problem) and what goes
 * out (UnexpectedResult), and logs under the execution's name, runbook and target. What the log holds
 * above debug is how it ended, never what was asked for: commands may hold secrets.
 */
export function task<I, O>(
  contract: Contract<I, O>,
  decide: (input: I) => Promise<O>,
): (event: unknown, context: Context) => Promise<O> {
  // No early time-out of middy's: it is a timer, and Lambda's own time-out says the same.
  const handler = middy<unknown, O>({ timeoutEarlyInMillis: 0 })
    .use(observed<O>())
    .handler(async (event: unknown) => {
      const input = parseInput(contract.input, event);
      logger.appendKeys({ target: contract.target(input) });
      return parseOutput(contract.output, await decide(input));
    });
  return (event, context) => handler(event, context);
}

function observed<O>(): MiddlewareObj<unknown, O> {
  return {
    before: ({ event, context }) => {
      logger.addContext(context);
      const execution = Execution.safeParse((event as { execution?: unknown } | null)?.execution);
      if (!execution.success) return;
      const { name, runbook, correlationId } = execution.data;
      logger.appendKeys({ execution: name, runbook });
      if (correlationId !== undefined) logger.setCorrelationId(correlationId);
    },
    after: ({ response }) => {
      logger.info('answered', { status: (response as { status?: unknown } | null | undefined)?.status });
      logger.resetKeys();
    },
    onError: (request) => {
      request.error = named(request.error);
      logger.warn('failed', { error: request.error?.name });
      logger.resetKeys();
    },
  };
}

function parseInput<I>(schema: z.ZodMiniType<I>, event: unknown): I {
  const result = schema.safeParse(event);
  if (!result.success) throw new InvalidRequest(problemsOf(result.error));
  return result.data;
}

function parseOutput<O>(schema: z.ZodMiniType<O>, answer: O): O {
  const result = schema.safeParse(answer);
  if (!result.success) throw new UnexpectedResult(problemsOf(result.error));
  return result.data;
}

/** AWS's services have many names for a refusal by IAM; runbooks have one. Every other error keeps its name. */
function named(error: Error | null | undefined): Error | null | undefined {
  const denied = error?.name === 'AccessDeniedException' || error?.name === 'UnauthorizedOperation';
  return denied ? new AccessDenied(error.message, { cause: error }) : error;
}
