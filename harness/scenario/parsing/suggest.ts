import editDistance from 'damerau-levenshtein';

/**
 * The known name that a mistyped one most likely meant: fewest edits, at most a third of its length; case, `-`, `_` and
 * `.` do not count. Two swapped neighbours are one edit: `dchp` means `dhcp`.
 */
export function suggest(wrong: string, known: readonly string[]): string | undefined {
  const plain = (name: string): string => name.toLowerCase().replace(/[-_. ]/g, '');
  const word = plain(wrong.slice(0, 80));
  // Who writes the first half of a name means it: `uefi` for `uefi-x64`.
  const edits = (name: string): number =>
    word.length >= 3 && name.startsWith(word) ? 1 : editDistance(word, name).steps;
  const ranked = known
    .map((name) => ({ name, edits: edits(plain(name)) }))
    .filter(({ name, edits }) => edits <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.edits - b.edits);
  return ranked[0]?.name;
}
