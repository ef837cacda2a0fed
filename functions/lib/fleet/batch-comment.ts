import { marker, markedComment } from '../marker.ts';

/** The Comment of a batch's command: the execution's marker, `bN`, and as much of the user's comment as fits in. */
export const batchComment = (executionArn: string, batch: number, comment: string): string =>
  markedComment(executionArn, `b${batch} ${comment}`.trimEnd());

/** The batch that a command with this Comment is of; undefined for one of another execution. */
export function batchOf(executionArn: string, comment: string | undefined): number | undefined {
  const mark = `${marker(executionArn)} b`;
  if (comment?.startsWith(mark) !== true) return undefined;
  const number = Number.parseInt(comment.slice(mark.length), 10);
  return Number.isNaN(number) ? undefined : number;
}
