import { CATALOGUE } from '../catalogue/commands.ts';

/** The named commands that there are. */
export const COMMAND_NAMES: readonly string[] = Object.keys(CATALOGUE);
