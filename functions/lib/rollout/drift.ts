import type { RolloutPolicy } from '../schemas/rollout-policy.ts';
import type { Outcome } from './rollout-table.ts';

/** What is known of a version of a parameter, and of what follows it. */
export interface Seen {
  /** How many targets should be on the AMI and are not. */
  readonly behind: number;
  readonly outcome: Outcome | undefined;
  /** Whether the execution of the outcome runs. */
  readonly isRunning: boolean;
  /** What became of the execution that the version starts by itself; it may have ended before it noted an outcome. */
  readonly begun: 'never' | 'runs' | 'ended';
  readonly drift: RolloutPolicy['drift'];
}

/** What the drift check says of a version. Only one whose change was missed is repaired. */
export type Judgement =
  | { readonly status: 'UpToDate' | 'Held' | 'Running'; readonly reason: string }
  | { readonly status: 'Drifted'; readonly reason: string; readonly repair: boolean };

const TRY_AGAIN =
  'It is tried again when a new version is written, or when somebody asks for it with POST /ami-rollouts and "retry": true.';

/** Judges by what was seen; reads nothing. A version that failed, or was rolled out and has drifted since, is for people. */
export function judge({ behind, outcome, isRunning, begun, drift }: Seen): Judgement {
  if (behind === 0) return { status: 'UpToDate', reason: '' };
  if (outcome === undefined) return judgeMissed(begun, drift);
  const { outcome: name, executionArn, at } = outcome;
  const rolled = `${executionArn} has it, with the outcome ${name} as of ${at}.`;
  switch (name) {
    case 'Running':
      if (isRunning) return { status: 'Running', reason: rolled };
      return { status: 'Held', reason: `${executionArn} ended without an outcome. ${TRY_AGAIN}` };
    case 'Failed':
    case 'RolledBack':
    case 'Superseded':
      return { status: 'Held', reason: `${rolled} ${TRY_AGAIN}` };
    default:
      return { status: 'Drifted', repair: false, reason: `Targets have left the AMI, or joined, since: ${rolled}` };
  }
}

function judgeMissed(begun: Seen['begun'], drift: Seen['drift']): Judgement {
  if (begun === 'runs') return { status: 'Running', reason: 'Its rollout has begun.' };
  if (begun === 'ended')
    return { status: 'Held', reason: `Its rollout ended before it changed anything. ${TRY_AGAIN}` };
  const reason = 'No rollout of this version has begun.';
  return { status: 'Drifted', reason, repair: drift === 'repair' };
}
