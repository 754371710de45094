// Texts that fit a terminal of so many columns. `undefined` columns: a file or a pipe, where nothing is cut or wrapped.

/** Text cut to `width` characters, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
}

/** Words in lines of at most `width` characters; a longer word (a path, a URL) keeps a line of its own, whole. */
export function wrapWords(
  words: readonly string[],
  width: number,
  lengthOf: (word: string) => number = (word) => word.length,
  gap = ' ',
): string[] {
  const lines: { text: string; length: number }[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + gap.length + lengthOf(word) <= width) {
      last.text += gap + word;
      last.length += gap.length + lengthOf(word);
    } else lines.push({ text: word, length: lengthOf(word) });
  }
  return lines.map(({ text }) => text);
}
