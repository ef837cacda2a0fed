import { CATALOGUE } from '../catalogue/commands.ts';
import { catalogueFields } from '../catalogue/requested.ts';
import * as z from '../zod.ts';
import { SsmDocument } from './common.ts';
import { verbatim, withinSsm } from './verbatim.ts';

const MAX_COMMANDS = 1000;
const MAX_COMMENT_CHARACTERS = 100;
const MAX_PATH_CHARACTERS = 4096;
const MIN_TIMEOUT_SECONDS = 30;
const MAX_TIMEOUT_SECONDS = 48 * 3600;
const DEFAULT_TIMEOUT_SECONDS = 3600;

const Commands = z.array(verbatim()).check(
  z.minLength(1, 'must hold at least one command (without the key, the default diagnostics run)'),
  z.maxLength(MAX_COMMANDS, `must hold at most ${MAX_COMMANDS} lines`),
  z.refine((lines: string[]) => lines.length === 0 || lines.some((line) => line.trim() !== ''), {
    error: 'must not be blank',
  }),
  withinSsm,
);

const timeoutSeconds = (described: string) =>
  z._default(
    z.int().check(z.minimum(MIN_TIMEOUT_SECONDS), z.maximum(MAX_TIMEOUT_SECONDS), z.describe(described)),
    DEFAULT_TIMEOUT_SECONDS,
  );

/**
 * What a request says of the script, whichever machines it is for; `asRequested` holds some of the keys to each other.
 * `deadline` says what timeoutSeconds limits.
 */
export const commandFields = (deadline: string) => ({
  commands: z.optional(
    Commands.check(
      z.describe('The lines of one script. Without it and command_name, the default diagnostics of the machine run.'),
    ),
  ),
  ...catalogueFields(CATALOGUE),
  ssmDocument: z.optional(
    SsmDocument.check(z.describe('What the script is run by. Chosen by the platform of the instance unless given.')),
  ),
  timeoutSeconds: timeoutSeconds(deadline),
  workingDirectory: z.optional(
    verbatim().check(
      z.minLength(1),
      z.maxLength(MAX_PATH_CHARACTERS),
      z.describe("Where the script runs: the agent's own directory unless given."),
    ),
  ),
  comment: z.optional(
    z
      .string()
      .check(
        z.maxLength(MAX_COMMENT_CHARACTERS),
        z.describe('Its first 55 characters are shown on the Run Command console.'),
      ),
  ),
});
