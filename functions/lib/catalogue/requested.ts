import { flawOf } from '../schemas/verbatim.ts';
import * as z from '../zod.ts';
import type { Catalogue, NamedCommand } from './named-command.ts';

interface Requested {
  readonly commands?: unknown;
  readonly commandName?: unknown;
  readonly parameters?: unknown;
}

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
}

/** The keys of a request that name a command of the catalogue; `asRequested` checks them. */
export function catalogueFields(catalogue: Catalogue) {
  const names = Object.keys(catalogue);
  const known = `must be a command of the catalogue: ${names.join(', ')}`;
  const forms = Object.entries(catalogue).map(([title, { given, description }]) =>
    given.check(z.meta({ title, description: `Parameters of ${title}. ${description}` })),
  );
  const commandName = z.enum(names, known).check(z.describe('A command of the catalogue, in place of commands.'));
  const parameters = z.union(forms).check(z.describe('What the named command takes: the form of its name.'));
  // The forms are for the documents that are made of them; which of them is meant is known to `asRequested` alone.
  parameters._zod.run = (payload) => payload;
  return { commandName: z.optional(commandName), parameters: z.optional(parameters) };
}

/** Holds commands, commandName and parameters to each other and parameters to the command, each problem under its own path. */
export const asRequested = (catalogue: Catalogue) =>
  z.check<Requested>(
    (payload) => {
      for (const { path, reason } of problems(catalogue, payload.value))
        payload.issues.push({ code: 'custom', message: reason, path: [...path], input: payload.value, continue: true });
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  );

function problems(catalogue: Catalogue, { commands, commandName, parameters }: Requested): readonly Problem[] {
  const found: Problem[] = [];
  if (commands !== undefined && commandName !== undefined)
    found.push({ path: ['commandName'], reason: 'cannot be given beside commands: leave one of them out' });
  if (commandName === undefined && parameters !== undefined)
    found.push({ path: ['parameters'], reason: 'are those of a command of the catalogue: give its commandName, too' });
  const named =
    typeof commandName === 'string' && Object.hasOwn(catalogue, commandName) ? catalogue[commandName] : undefined;
  return named === undefined ? found : [...found, ...ofParameters(named, String(commandName), parameters ?? {})];
}

function ofParameters(named: NamedCommand, name: string, parameters: unknown): readonly Problem[] {
  const parsed = named.complete.safeParse(parameters);
  if (parsed.success) {
    const flaw = named.platforms
      .map((platform) => flawOf(named.script(platform, parameters)))
      .find((each) => each !== undefined);
    return flaw === undefined ? [] : [{ path: ['parameters'], reason: flaw }];
  }
  const taken = Object.keys(named.parameters);
  const unknown = `is no parameter of ${name}, which takes ${taken.length === 0 ? 'none' : taken.join(', ')}`;
  return parsed.error.issues.flatMap((issue): Problem[] => {
    const path = ['parameters', ...issue.path];
    if (issue.code !== 'unrecognized_keys') return [{ path, reason: issue.message }];
    return issue.keys.map((key) => ({ path: [...path, key], reason: unknown }));
  });
}
