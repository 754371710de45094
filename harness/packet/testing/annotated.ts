/**
 * Bytes of a hand-annotated vector: hexadecimal digits, one group of meaning a line, `;` starts the line's meaning.
 * A quoted text stands for its ASCII bytes; `.. 12` repeats a zero byte twelve times.
 */
export function annotated(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const line of text.split('\n')) {
    const code = (/^(?:"[^"]*"|[^;"])*/.exec(line)?.[0] ?? '').trim();
    for (const token of code.match(/"[^"]*"|\.\. \d+|[0-9a-fA-F]+|\S/g) ?? []) {
      if (token.startsWith('"')) bytes.push(...new TextEncoder().encode(token.slice(1, -1)));
      else if (token.startsWith('..')) bytes.push(...new Array<number>(Number(token.slice(3))).fill(0));
      else if (/^([0-9a-fA-F]{2})+$/.test(token)) bytes.push(...Buffer.from(token, 'hex'));
      else throw new Error(`annotated bytes: cannot read ${JSON.stringify(token)} in ${JSON.stringify(line)}`);
    }
  }
  return Uint8Array.from(bytes);
}
