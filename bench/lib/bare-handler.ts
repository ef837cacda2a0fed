import { buildSync } from 'esbuild';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a function takes from one package of the SDK. */
export interface SdkUse {
  readonly packageName: string;
  /** `SSMClient` */
  readonly client: string;
  readonly commands: readonly string[];
}

const SDK_IMPORT = /import \{([^}]*)\} from "(@aws-sdk\/client-[\w-]+)"/g;

/** The clients and commands of the SDK that a function and what it imports use, told by what is left of its imports. */
export function sdkUseOf(source: string): SdkUse[] {
  const { outputFiles } = buildSync({
    entryPoints: [source],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  const names = new Map<string, Set<string>>();
  for (const [, list = '', packageName = ''] of outputFiles[0]?.text.matchAll(SDK_IMPORT) ?? []) {
    const known = names.get(packageName) ?? new Set();
    for (const name of list.split(',')) known.add(name.trim().replace(/ as .*/, ''));
    names.set(packageName, known);
  }
  return [...names].flatMap(([packageName, found]) => {
    const commands = [...found].filter((name) => name.endsWith('Command'));
    const client = [...found].find((name) => name.endsWith('Client'));
    // A client without a command comes in with lib/clients.ts, and the bundler shakes it off.
    return client === undefined || commands.length === 0 ? [] : [{ packageName, client, commands }];
  });
}

/** The least that a function with these clients can be: it holds them, and sends the command that it is told to. */
export function bareHandler(use: readonly SdkUse[]): string {
  const parts = use.map(
    ({ packageName, client, commands }) => `import { ${[client, ...commands].join(', ')} } from '${packageName}';
const of${client} = new ${client}({});
for (const command of [${commands.join(', ')}]) senders.set(command.name, (input) => of${client}.send(new command(input)));`,
  );
  return `const senders = new Map();\n${parts.join('\n')}\nexport const handler = ({ command, input }) => senders.get(command)(input);\n`;
}

/** Writes a bare handler for each function into a folder that `bundleFunctions` takes as its sources. */
export function writeBareHandlers(functions: readonly string[], sources: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of functions)
    writeFileSync(join(folder, `${name}.ts`), bareHandler(sdkUseOf(join(sources, `${name}.ts`))));
}
