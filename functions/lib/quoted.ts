/** A text as one word of a POSIX shell, for commands that people are told to run. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
