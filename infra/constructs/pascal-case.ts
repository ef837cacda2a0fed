/** `send-command` -> `SendCommand`, as placeholders, outputs and ids write it. */
export const pascalCase = (name: string): string =>
  name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
