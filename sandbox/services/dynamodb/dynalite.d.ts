/** dynalite ships no types; this is the part of it that the sandbox uses. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface Options {
    /** Milliseconds of real time that tables stay in CREATING, DELETING and UPDATING. */
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  function dynalite(options?: Options): Server;
  export = dynalite;
}
