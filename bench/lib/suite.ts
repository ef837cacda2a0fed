export type Row = Readonly<Record<string, string | number>>;

/** One measurement: what it measures, how, and its rows. */
export interface Suite<R extends Row = Row> {
  readonly name: string;
  /** How it is measured, printed above the table. */
  readonly method: string;
  /** Rows of one shape. `assembly` is the output folder of `cdk synth`; `tell` is told what is measured next. */
  run(assembly: string, tell: (what: string) => void): Promise<readonly R[]>;
  /** What to make of the rows, printed below the table. */
  verdict(rows: readonly R[]): string;
}
