import type { SsmDocument } from '../schemas/common.ts';
import * as z from '../zod.ts';
import type { Parameter } from './parameter.ts';
import type { PowerShellScript, ShellScript } from './script.ts';

type Parameters = Readonly<Record<string, Parameter>>;
type Given = Readonly<Record<string, unknown>>;
type Values<P extends Parameters> = { readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never };

interface Definition<P extends Parameters> {
  /** What it does, in a sentence. */
  readonly description: string;
  readonly parameters: P;
  readonly linux?: (values: Values<P>) => ShellScript;
  readonly windows?: (values: Values<P>) => PowerShellScript;
}

export type Platform = 'Linux' | 'Windows';

/** A command of the catalogue. */
export interface NamedCommand {
  readonly description: string;
  readonly parameters: Parameters;
  readonly platforms: readonly Platform[];
  /** The parameters as a request gives them. */
  readonly given: z.ZodMiniType<Given>;
  /** The same, that makes them complete. */
  readonly complete: z.ZodMiniType<Given>;
  /** The script with the parameters in it. Throws ZodError for parameters that the schema refuses, Error for a platform it has no script for. */
  script(platform: Platform, values: unknown): readonly string[];
}

/** By name. */
export type Catalogue = Readonly<Record<string, NamedCommand>>;

export const platformOf = (document: SsmDocument): Platform =>
  document === 'AWS-RunPowerShellScript' ? 'Windows' : 'Linux';

type Shape = Readonly<Record<string, z.ZodMiniType>>;

function shapes(parameters: Parameters): { readonly given: Shape; readonly complete: Shape } {
  const entries = Object.entries(parameters).map(([name, { schema, default: otherwise, description }]) => {
    if (otherwise === undefined) return { name, given: schema.check(z.describe(description)), complete: schema };
    const given = z.optional(schema).check(z.meta({ description, default: otherwise }));
    return { name, given, complete: z._default(schema, otherwise) };
  });
  return {
    given: Object.fromEntries(entries.map(({ name, given }) => [name, given])),
    complete: Object.fromEntries(entries.map(({ name, complete }) => [name, complete])),
  };
}

/** Makes an entry of the catalogue: its scripts get the parameters parsed, with their defaults. */
export function command<P extends Parameters>({
  description,
  parameters,
  linux,
  windows,
}: Definition<P>): NamedCommand {
  const { given, complete } = shapes(parameters);
  const scripts = { Linux: linux, Windows: windows };
  const platforms = (['Linux', 'Windows'] as const).filter((platform) => scripts[platform] !== undefined);
  return {
    description,
    parameters,
    platforms,
    given: z.strictObject(given),
    complete: z.strictObject(complete),
    script(platform, values) {
      const write = scripts[platform];
      if (write === undefined) throw new Error(`no script for ${platform}`);
      return write(this.complete.parse(values) as Values<P>);
    },
  };
}
