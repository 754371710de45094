/** Sixteen bytes of a hex dump, cut where a marked range begins and ends. */
export interface HexRow {
  readonly offset: string;
  readonly bytes: readonly { readonly hex: string; readonly ascii: string; readonly marked: boolean }[];
}

/** Rows of a dump as tshark and hexdump -C lay it out; `mark` is the range of bytes that a field or layer covers. */
export function hexRows(hex: string, mark?: { readonly offset: number; readonly length: number }): HexRow[] {
  const rows: HexRow[] = [];
  for (let start = 0; start * 2 < hex.length; start += 16) {
    const bytes = [];
    for (let at = start; at < start + 16 && at * 2 + 2 <= hex.length; at += 1) {
      const pair = hex.slice(at * 2, at * 2 + 2).toLowerCase();
      const code = Number.parseInt(pair, 16);
      const marked = mark !== undefined && at >= mark.offset && at < mark.offset + mark.length;
      bytes.push({ hex: pair, ascii: code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.', marked });
    }
    rows.push({ offset: start.toString(16).padStart(4, '0'), bytes });
  }
  return rows;
}

/** A command line that a shell accepts: quoted where needed, each option with its value on a line of its own. */
export function shellCommand(argv: readonly string[]): string {
  const words = argv.map((word) =>
    /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`,
  );
  return words.reduce(
    (text, word, index) =>
      index === 0 ? word : `${text}${word.startsWith('-') && word.length > 1 ? ' \\\n  ' : ' '}${word}`,
    '',
  );
}
