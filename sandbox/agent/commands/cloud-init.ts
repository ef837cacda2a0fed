import type { ResolvedCommandContext } from 'just-bash';
import { type Command, CommandFailed } from './command.ts';

const INSTANCE = '/var/lib/cloud/instance';
const SINGLE = ['--name', 'scripts-user', '--frequency', 'always'];
const SHEBANG = /^#!\s*(?:\/usr)?\/bin\/(?:env\s+)?((?:ba|da)?sh)\b/;

/** Command `cloud-init`: `status`, and `single --name scripts-user --frequency always`, which runs the user data if it is a script. */
export const cloudInit: Command =
  ({ machine }) =>
  async (args, context) => {
    const [verb, ...rest] = args;
    if (verb === 'status' && rest.every((arg) => arg === '--wait')) return 'status: done\n';
    if (verb !== 'single' || rest.join(' ') !== SINGLE.join(' '))
      throw new CommandFailed(`cloud-init: the sandbox does not model 'cloud-init ${args.join(' ')}'`);
    const userData = await machine.fs.readFile(`${INSTANCE}/user-data.txt`).catch(() => '');
    const output = await scripts(userData, context);
    await machine.fs.mkdir(`${INSTANCE}/sem`, { recursive: true });
    await machine.fs.writeFile(`${INSTANCE}/sem/config_scripts_user`, `${machine.clock.now()}\n`);
    return output;
  };

async function scripts(userData: string, { exec, fs }: ResolvedCommandContext): Promise<string> {
  if (!userData.startsWith('#!')) return ''; // cloud-config and the like hold none
  const [, shell] = SHEBANG.exec(userData) ?? [];
  if (shell === undefined) throw new CommandFailed('cloud-init: the sandbox runs user data of shells alone');
  if (exec === undefined) throw new Error('just-bash gave no exec');
  const path = `${INSTANCE}/scripts/part-001`;
  await fs.mkdir(`${INSTANCE}/scripts`, { recursive: true });
  await fs.writeFile(path, userData);
  const { stdout, stderr, exitCode } = await exec(shell, { cwd: '/', args: [path] });
  await fs.appendFile('/var/log/cloud-init-output.log', stdout + stderr);
  if (exitCode === 0) return stdout + stderr;
  const failed = `Failed to run module scripts-user (scripts in ${INSTANCE}/scripts): part-001 ended with ${exitCode}`;
  throw new CommandFailed(`${stderr}${failed}`, 1, stdout);
}
