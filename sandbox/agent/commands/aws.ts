import { latin1FromBytes, type ResolvedCommandContext } from 'just-bash';
import { Buffer } from 'node:buffer';
import { AwsError } from '../../core/aws-error.ts';
import { isTransient } from '../../core/transient.ts';
import type { CallAws, Machine } from '../machine.ts';
import { resolvePath } from '../paths.ts';
import { type Command, CommandFailed } from './command.ts';

/** As often as the CLI's standard retry mode tries. */
const ATTEMPTS = 3;
const QUIET = ['--only-show-errors', '--quiet'];

interface Place {
  readonly bucket: string;
  readonly key: string;
}

/** Command `aws s3 cp SOURCE TARGET` (AWS CLI 2) between a file or `-` and an object, with the role of the instance profile. */
export const aws: Command =
  ({ machine }) =>
  async (args, context) => {
    const [service, verb, ...rest] = args;
    const options = rest.filter((arg) => arg.startsWith('--'));
    const [source = '', target = '', ...more] = rest.filter((arg) => !arg.startsWith('--'));
    const known = service === 's3' && verb === 'cp' && target !== '' && more.length === 0;
    const [from, to] = [placeOf(source), placeOf(target)];
    if (!known || (from === undefined) === (to === undefined) || options.some((option) => !QUIET.includes(option)))
      throw new CommandFailed(`aws: the sandbox does not model 'aws ${args.join(' ')}'`, 252);
    const call = credentials(machine);
    const done = `${source} to ${target}`;
    const shown = (text: string) => (options.length > 0 || target === '-' ? '' : `${text}: ${done}\n`);
    if (to !== undefined) return upload(call, source, to, context, done).then(() => shown('upload'));
    return download(call, from ?? { bucket: '', key: '' }, target, context, done).then(
      (text) => text + shown('download'),
    );
  };

function placeOf(uri: string): Place | undefined {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(uri) ?? [];
  return bucket === '' ? undefined : { bucket, key };
}

function credentials(machine: Machine): CallAws {
  const { callAws, clock } = machine;
  if (callAws === undefined) throw new CommandFailed('Unable to locate credentials', 255);
  return async (service, operation, input) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await callAws(service, operation, input);
      } catch (error) {
        if (attempt === ATTEMPTS || !isTransient(error)) throw error;
        await clock.sleep(attempt * 1000);
      }
    }
  };
}

/** What the CLI says of an error that the service answered; anything else is a mistake in the sandbox. */
function failure(what: string, operation: string, error: unknown): CommandFailed {
  if (!(error instanceof AwsError)) throw error;
  return new CommandFailed(
    `${what} An error occurred (${error.code}) when calling the ${operation} operation: ${error.message}`,
  );
}

async function upload(
  call: CallAws,
  path: string,
  { bucket, key }: Place,
  context: ResolvedCommandContext,
  done: string,
): Promise<void> {
  const named = key === '' || key.endsWith('/') ? `${key}${path.split('/').at(-1) ?? ''}` : key;
  const input = { Bucket: bucket, Key: named, Body: await contentOf(path, context) };
  await call('s3', 'PutObject', input).catch((error: unknown) => {
    throw failure(`upload failed: ${done}`, 'PutObject', error);
  });
}

async function contentOf(path: string, { stdin, fs, cwd }: ResolvedCommandContext): Promise<Uint8Array> {
  if (path === '-') return new Uint8Array(Buffer.from(latin1FromBytes(stdin), 'latin1'));
  return fs.readFileBuffer(resolvePath(cwd, path)).catch(() => {
    throw new CommandFailed(`\nThe user-provided path ${path} does not exist.`, 255);
  });
}

async function download(
  call: CallAws,
  { bucket, key }: Place,
  target: string,
  { fs, cwd }: ResolvedCommandContext,
  done: string,
): Promise<string> {
  const input = { Bucket: bucket, Key: key };
  await call('s3', 'HeadObject', input).catch((error: unknown) => {
    throw failure('fatal error:', 'HeadObject', error);
  });
  const answer = await call('s3', 'GetObject', input).catch((error: unknown) => {
    throw failure(`download failed: ${done}`, 'GetObject', error);
  });
  const { Body } = answer as { readonly Body: Uint8Array };
  if (target === '-') return new TextDecoder().decode(Body);
  const path = resolvePath(cwd, target);
  const isDirectory = await fs.stat(path).then(
    (stat) => stat.isDirectory,
    () => false,
  );
  await fs.writeFile(isDirectory ? resolvePath(path, key.split('/').at(-1) ?? '') : path, Body);
  return '';
}
