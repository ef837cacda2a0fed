/**
 * zod as the functions use it: its small form, because a cold start waits for the other one's methods to be built, and
 * the English messages that the small form leaves out. Import all of it as `z`.
 */
import { en } from 'zod/locales';
import { config } from 'zod/mini';

config(en());

export * from 'zod/mini';
