import * as z from './zod.ts';
import { StoppedExecution } from './schemas/execution-document.ts';
import { START_ROUTES } from './schemas/routes.ts';

/** The schema of a runbook's execution as it is answered: its result is spelled as the runbook's own schema says. */
export function executionSchema(runbook: string): z.ZodMiniType {
  const route = START_ROUTES.find((each) => each.runbook === runbook);
  return z.extend(StoppedExecution, { result: z.optional(route?.result ?? z.unknown()) });
}
