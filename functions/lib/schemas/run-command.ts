import * as z from 'zod';
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
const Verbatim = z
  .string()
  .refine((text) => !/\{\{[^]*?\}\}/.test(text), {
    error: "must not hold {{…}}, which SSM would substitute (to a shell, '{''{…}''}' is the same)",
  })
  .refine((text) => !text.includes('\0'), { error: 'must not hold a NUL character' })
  .refine((text) => text.isWellFormed(), { error: 'must be well-formed Unicode (it holds half a surrogate pair)' });

const Commands = z
  .array(Verbatim)
  .min(1, 'must hold at least one command (without the key, the default diagnostics run)')
  .max(MAX_COMMANDS, `must hold at most ${MAX_COMMANDS} lines`)
  .refine((lines) => lines.length === 0 || lines.some((line) => line.trim() !== ''), { error: 'must not be blank' })
  .refine((lines) => bytes(lines) <= MAX_PARAMETER_BYTES, {
    error: `must stay within ${MAX_PARAMETER_BYTES} bytes of JSON, which is what SSM's 64 KB leave`,
  });

const NoCatalogue = z.never({ error: 'the catalogue has no such command, give commands instead' }).optional();

/** The input document of `run-command`. `commands` are the lines of one script; without them, the default diagnostics run. */
export const RunCommandRequest = z.strictObject({
  instanceId: InstanceId,
  commands: Commands.optional(),
  commandName: NoCatalogue,
  parameters: NoCatalogue,
  /** Chosen by the instance's platform unless given. */
  ssmDocument: SsmDocument.optional(),
  /** From sending to done. */
  timeoutSeconds: z.int().min(MIN_TIMEOUT_SECONDS).max(MAX_TIMEOUT_SECONDS).default(DEFAULT_TIMEOUT_SECONDS),
  workingDirectory: Verbatim.min(1).max(MAX_PATH_CHARACTERS).optional(),
  comment: z.string().max(MAX_COMMENT_CHARACTERS).optional(),
});
export type RunCommandRequest = z.infer<typeof RunCommandRequest>;

/** The output document of `run-command`; `bucket` and `keyPrefix` say where the full output is. */
export const RunCommandResult = CommandOutcome.extend({
  bucket: z.string().optional(),
  keyPrefix: z.string().optional(),
  warnings: z.array(z.string()),
});
