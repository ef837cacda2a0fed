/** One measurement: what it measures, how, and its rows. Rows of one suite have one shape. */
export interface Suite {
  readonly name: string;
  /** How it was measured, in a sentence or two, printed above the table. */
  readonly method: string;
  run(): Promise<readonly Readonly<Record<string, string | number>>[]>;
}
