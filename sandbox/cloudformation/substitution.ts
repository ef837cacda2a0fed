/** A piece of an Fn::Sub text: as it stands, or the name of what is to be put there. */
export type Piece = { readonly text: string } | { readonly name: string };

const VARIABLE = /\$\{(!?)([^}]*)\}/g;

/** Takes an Fn::Sub text apart. `${!Literal}` stands for `${Literal}`. Throws for an empty or unclosed variable. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const [whole, literal, name = ''] = match;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    if (literal === '!') pieces.push({ text: `\${${name}}` });
    else if (!/^[\w.:]+$/.test(name.trim())) throw new Error(`Fn::Sub with the variable name '${name}'`);
    else pieces.push({ name: name.trim() });
    end = match.index + whole.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}
