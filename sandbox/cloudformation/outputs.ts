/** The outputs that people named, once each: not those by which the CDK passes values from stack to stack. */
export const namedOutputs = (outputs: Readonly<Record<string, string>>): [name: string, value: string][] =>
  Object.entries(outputs).filter(([name]) => !/\.|^ExportsOutput/.test(name));
