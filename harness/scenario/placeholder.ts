// Files that a recorded scenario needs and its capture does not hold.

/** Of the 8086: no interrupts, wait, and wait again. A BIOS that starts a placeholder stays there. */
const HALT = Uint8Array.of(0xfa, 0xf4, 0xeb, 0xfc);
const MARK = 'pxewright placeholder';

/** What a placeholder begins with. `about`: the rest of its first line. */
export function placeholderHead(about: string): Uint8Array {
  return Buffer.concat([HALT, Buffer.from(`${MARK} ${about}\n`)]);
}

/** Whether a file that begins so is one: the user is to put the real one in its place. */
export function isPlaceholder(bytes: Uint8Array): boolean {
  return (
    Buffer.from(bytes)
      .subarray(HALT.length, HALT.length + MARK.length)
      .toString() === MARK
  );
}
