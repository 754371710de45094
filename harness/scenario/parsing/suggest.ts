import editDistance from 'damerau-levenshtein';

/**
 * The known name that a mistyped one most likely meant: fewest edits, at most a third of its length; case, `-`, `_` and
 * `.` do not count. Two swapped neighbours are one edit: `dchp` means `dhcp`.
 */
export function suggest(wrong: string, known: readonly string[]): string | undefined {
  const [best] = byEdits(wrong, known);
  return best && best.edits <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined;
}

/** The `count` known names that are most like a mistyped one. */
export function nearest(wrong: string, known: readonly string[], count: number): string[] {
  return byEdits(wrong, known)
    .slice(0, count)
    .map(({ name }) => name);
}

function byEdits(wrong: string, known: readonly string[]): { readonly name: string; readonly edits: number }[] {
  const plain = (name: string): string => name.toLowerCase().replace(/[-_. ]/g, '');
  const word = plain(wrong.slice(0, 80));
  // Who writes the first half of a name means it: `uefi` for `uefi-x64`.
  const edits = (name: string): number =>
    word.length >= 3 && name.startsWith(word) ? 1 : editDistance(word, name).steps;
  return known.map((name) => ({ name, edits: edits(plain(name)) })).sort((a, b) => a.edits - b.edits);
}
