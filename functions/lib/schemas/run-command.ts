import * as z from '../zod.ts';
import { CommandOutcome } from './command-outcome.ts';
import { InstanceId, SsmDocument } from './common.ts';

/** SSM's limits; the document that SSM renders from the parameters may have 64 KB, and 4 KB are the document's own. */
const MAX_PARAMETER_BYTES = 60 * 1024;
const MAX_COMMANDS = 1000;
const MAX_COMMENT_CHARACTERS = 100;
const MAX_PATH_CHARACTERS = 4096;
const MIN_TIMEOUT_SECONDS = 30;
const MAX_TIMEOUT_SECONDS = 48 * 3600;
const DEFAULT_TIMEOUT_SECONDS = 3600;

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Text that reaches the instance as it stands: SSM substitutes nothing in it, and no shell or encoding cuts it. */
const Verbatim = z.string().check(
  z.refine((text: string) => !/\{\{[^]*?\}\}/.test(text), {
    error: "must not hold {{…}}, which SSM would substitute (to a shell, '{''{…}''}' is the same)",
  }),
  z.refine((text: string) => !text.includes('\0'), { error: 'must not hold a NUL character' }),
  z.refine((text: string) => text.isWellFormed(), {
    error: 'must be well-formed Unicode (it holds half a surrogate pair)',
  }),
);

const Commands = z.array(Verbatim).check(
  z.minLength(1, 'must hold at least one command (without the key, the default diagnostics run)'),
  z.maxLength(MAX_COMMANDS, `must hold at most ${MAX_COMMANDS} lines`),
  z.refine((lines: string[]) => lines.length === 0 || lines.some((line) => line.trim() !== ''), {
    error: 'must not be blank',
  }),
  z.refine((lines: string[]) => bytes(lines) <= MAX_PARAMETER_BYTES, {
    error: `must stay within ${MAX_PARAMETER_BYTES} bytes of JSON, which is what SSM's 64 KB leave`,
  }),
);

const NoCatalogue = z.optional(z.never({ error: 'the catalogue has no such command, give commands instead' }));

/** The input document of `run-command`. `commands` are the lines of one script; without them, the default diagnostics run. */
export const RunCommandRequest = z.strictObject({
  instanceId: InstanceId.check(z.describe('The EC2 instance to work on.')),
  commands: z.optional(
    Commands.check(z.describe('The lines of one script. Without it, the default diagnostics of the machine run.')),
  ),
  commandName: NoCatalogue,
  parameters: NoCatalogue,
  ssmDocument: z.optional(
    SsmDocument.check(z.describe('What the script is run by. Chosen by the platform of the instance unless given.')),
  ),
  timeoutSeconds: z._default(
    z
      .int()
      .check(
        z.minimum(MIN_TIMEOUT_SECONDS),
        z.maximum(MAX_TIMEOUT_SECONDS),
        z.describe('Seconds from sending to done; then the command is cancelled.'),
      ),
    DEFAULT_TIMEOUT_SECONDS,
  ),
  workingDirectory: z.optional(
    Verbatim.check(
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
export type RunCommandRequest = z.infer<typeof RunCommandRequest>;

/** The output document of `run-command`. */
export const RunCommandResult = z.extend(CommandOutcome, {
  bucket: z.optional(z.string().check(z.describe('The S3 bucket that holds all of the output.'))),
  keyPrefix: z.optional(z.string().check(z.describe('What the keys of the output begin with.'))),
  warnings: z
    .array(z.string())
    .check(z.describe('What went wrong beside the command, such as an output not uploaded.')),
});
