import { CommandNotAllowed, InvalidRequest } from '../errors.ts';
import type { SsmDocument } from '../schemas/common.ts';
import { type Catalogue, platformOf } from './named-command.ts';

/** What the configuration leaves of what may be run. */
export interface Allowed {
  readonly arbitraryCommands: boolean;
  /** Names of the catalogue. */
  readonly disabledCommands: readonly string[];
}

interface Request {
  readonly commands?: readonly string[] | undefined;
  readonly commandName?: string | undefined;
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/** What runs where a request names nothing. */
const DEFAULT = 'diagnostics';

/** Throws CommandNotAllowed for what the configuration does not let run. */
export function assertAllowed(
  catalogue: Catalogue,
  { arbitraryCommands, disabledCommands }: Allowed,
  request: Request,
): void {
  const { commands, commandName = DEFAULT } = request;
  const names = Object.keys(catalogue).filter((name) => !disabledCommands.includes(name));
  const allowed = `Allowed are commandName ${names.join(', ') || '(none)'}${arbitraryCommands ? ', and commands' : ''}.`;
  if (commands !== undefined && !arbitraryCommands)
    throw new CommandNotAllowed(
      `commands are not allowed here (allowArbitraryCommands is false in the configuration). ${allowed}`,
    );
  if (commands === undefined && !names.includes(commandName))
    throw new CommandNotAllowed(
      `${commandName} is not allowed here (disabledCommands in the configuration names it). ${allowed}`,
    );
}

/** The lines that a request comes to; throws InvalidRequest where its named command has none for the platform. */
export function linesOf(catalogue: Catalogue, request: Request, document: SsmDocument): readonly string[] {
  const { commands, commandName = DEFAULT, parameters = {} } = request;
  if (commands !== undefined) return commands;
  const named = catalogue[commandName];
  if (named === undefined) throw new Error(`the catalogue has no ${commandName}`);
  const platform = platformOf(document);
  if (named.platforms.includes(platform)) return named.script(platform, parameters);
  throw new InvalidRequest(
    `commandName: ${commandName} has no version for ${platform}, only for ${named.platforms.join(' and ')}`,
  );
}
