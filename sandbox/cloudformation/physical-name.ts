import type { Random } from '../core/random.ts';

const SUFFIX = 12;

/** A name as CloudFormation makes it up: stack, logical id and a suffix, the first two cut alike to what fits. */
export function physicalName(stackName: string, logicalId: string, random: Random, maximumLength = 255): string {
  const room = maximumLength - SUFFIX - 2;
  const stack = stackName.slice(0, Math.max(Math.floor(room / 2), room - logicalId.length));
  const id = logicalId.slice(0, room - stack.length);
  return `${stack}-${id}-${random.alphanumeric(SUFFIX)}`;
}
