import colors from 'picocolors';
import type { Transition } from '../lib/watch-execution.ts';
import type { Machine } from './fleet.ts';

export function line(text = ''): void {
  process.stdout.write(`${text}\n`);
}

export function heading(number: number, text: string): void {
  line(`\n${colors.bold(`${number}. ${text}`)}`);
}

export function machineRow({ instanceId, name, running, allowed, ping, platform }: Machine): string {
  const state = running ? 'running' : 'stopped';
  const tag = allowed ? 'SSMRunAllowed=true' : 'not tagged';
  return `   ${instanceId}  ${name.padEnd(14)} ${platform.padEnd(12)} ${state.padEnd(8)} ${ping.padEnd(15)} ${tag}`;
}

/** A state as it is entered, with the time since the first one; what was left is not worth a line. */
export function transitionPrinter(): (transition: Transition) => void {
  let first: number | undefined;
  return ({ at, name, kind }) => {
    if (kind !== 'entered') return;
    first ??= at.getTime();
    const seconds = ((at.getTime() - first) / 1000).toFixed(1);
    line(`   ${colors.dim(`${seconds.padStart(5)} s`)}  ${name}`);
  };
}

export function indented(text: string): void {
  for (const part of text.trimEnd().split('\n')) line(`   ${colors.dim('|')} ${part}`);
}

export const good = (text: string): string => colors.green(text);
export const bad = (text: string): string => colors.yellow(text);
