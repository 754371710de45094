/** The parts of a name below a root, or why it names nothing there. */
export type BootName = { readonly parts: readonly string[] } | { readonly refused: string };

// Longer than any path of a Windows or Linux client (MAX_PATH 260, PATH_MAX 4096); bounds the work that a datagram
// causes.
const MAX_LENGTH = 4096;

/**
 * Reads a file name as boot clients write it: `boot\x86\wdsnbp.com`, `/boot//x86/./wdsnbp.com`, `C:\boot\…`. Both
 * slashes separate, a drive letter and leading slashes mean the root, `..` goes up but never above the root.
 */
export function readBootName(name: string): BootName {
  if (name.length > MAX_LENGTH)
    return { refused: `the name has ${name.length} characters, the limit is ${MAX_LENGTH}` };
  if (name.includes('\0')) return { refused: 'the name contains a NUL' };
  const parts: string[] = [];
  for (const part of name.replace(/^[/\\]*[a-z]:(?=[/\\]|$)/i, '').split(/[/\\]/)) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return { refused: 'the name leads out of the root folder' };
  }
  return { parts };
}

/** The form in which names are compared: one composition of accents, one case. */
export const foldedName = (part: string): string => part.normalize('NFC').toLowerCase();
