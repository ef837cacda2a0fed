import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as z from 'zod';

const PROGRAM = 'sandbox/main.ts';

/** What the embedded AWS tells the process that forked it, once it answers. */
const Ready = z.object({
  endpoint: z.url(),
  region: z.string(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  outputs: z.record(z.string(), z.string()),
});
type Ready = z.infer<typeof Ready>;

export interface EmbeddedAws extends Ready {
  stop(): Promise<void>;
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

interface Start {
  /** Output folder of `cdk synth`. */
  readonly assembly: string;
  /** How many times as fast as the host's time its time goes; as fast unless told. */
  readonly speed?: number;
}

/**
 * Starts the embedded AWS with the demo fleet on free ports, as a process of its own, and resolves when it answers. Its printing is
 * dropped, its errors are shown; it ends when the channel to this process does, so an interrupted demo leaves nothing running.
 */
export async function startEmbeddedAws({ assembly, speed = 1 }: Start): Promise<EmbeddedAws> {
  const args = ['--port', '0', '--api-port', '0', '--fleet', 'demo', '--assembly', assembly, '--speed', String(speed)];
  const child = fork(PROGRAM, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ready = await Promise.race([
    once(child, 'message').then(([message]) => Ready.parse(message)),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the embedded AWS ended with code ${String(code)} before it was ready`);
    }),
  ]);
  return { ...ready, stop: () => stopped(child) };
}
