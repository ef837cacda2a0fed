import { buildSync } from 'esbuild';
import { readFileSync } from 'node:fs';

/** Commands that a function sends, by SDK client package. */
export type SdkCommands = ReadonlyMap<string, readonly string[]>;

const SDK_IMPORT = /import\s+\{([^}]*)\}\s+from\s+'(@aws-sdk\/client-[\w-]+)'/g;

/** The SDK commands that the sources of a bundle import, by client package. */
export function sdkCommandsOf(sources: readonly string[]): SdkCommands {
  const found = new Map<string, string[]>();
  for (const source of sources) {
    for (const [, names = '', client = ''] of readFileSync(source, 'utf8').matchAll(SDK_IMPORT)) {
      const commands = names.split(',').map((name) => name.trim());
      found.set(client, [...(found.get(client) ?? []), ...commands.filter((name) => /^\w+Command$/.test(name))]);
    }
  }
  return new Map([...found].filter(([, commands]) => commands.length > 0));
}

/** `SSMClient` for `@aws-sdk/client-ssm`: the one export of the package that is named like a client. */
async function clientClass(packageName: string): Promise<string> {
  const exported = Object.keys((await import(packageName)) as object);
  const name = exported.find((candidate) => /^[A-Z]\w*Client$/.test(candidate));
  if (name === undefined) throw new Error(`${packageName} exports no client`);
  return name;
}

/** The least such a function can be: it holds the clients and sends the command it is told to. */
async function bareSource(commands: SdkCommands): Promise<string> {
  const parts = [];
  for (const [packageName, names] of commands) {
    const client = await clientClass(packageName);
    parts.push(`import { ${client}, ${names.join(', ')} } from '${packageName}';
const ${client}Instance = new ${client}({});
for (const command of [${names.join(', ')}]) senders.set(command.name, (input) => ${client}Instance.send(new command(input)));`);
  }
  return `const senders = new Map();\n${parts.join('\n')}\nexport const handler = ({ command, input }) => senders.get(command)(input);\n`;
}

/** Bundles the bare handler for these commands with the options that our own bundles have. */
export async function buildBareHandler(commands: SdkCommands, outfile: string): Promise<void> {
  buildSync({
    stdin: { contents: await bareSource(commands), resolveDir: process.cwd(), loader: 'js' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    outfile,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
}
