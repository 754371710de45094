/**
 * Lines out of chunks of any size; a line ends with LF, a CR before it is dropped. Bytes of one character may come in
 * two chunks.
 */
export class LineSplitter {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #partial = '';

  /** Lines that this chunk completes. */
  push(chunk: Uint8Array): string[] {
    const pieces = this.#decoder.decode(chunk, { stream: true }).split('\n');
    pieces[0] = this.#partial + (pieces[0] ?? '');
    this.#partial = pieces.pop() ?? '';
    return pieces.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  }

  /** What came after the last line end: a prompt, or a line cut short. */
  get partial(): string {
    return this.#partial;
  }
}
