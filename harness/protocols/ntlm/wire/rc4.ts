/**
 * The RC4 keystream (RFC 6229 gives its vectors), one state that every call moves on: NTLM seals a whole connection
 * with it. Here because OpenSSL 3 offers RC4 only with its legacy provider, and because NTLM needs the state kept
 * between messages.
 */
export class Rc4 {
  readonly #state = Uint8Array.from({ length: 256 }, (_, i) => i);
  #i = 0;
  #j = 0;

  /** A key of 1 to 256 bytes. */
  constructor(key: Uint8Array) {
    const state = this.#state;
    for (let i = 0, j = 0; i < 256; i++) {
      const value = state[i] ?? 0;
      j = (j + value + (key[i % key.length] ?? 0)) & 0xff;
      state[i] = state[j] ?? 0;
      state[j] = value;
    }
  }

  /** Encrypts or decrypts, which are the same, into a copy. */
  apply(bytes: Uint8Array): Uint8Array {
    const state = this.#state;
    const out = new Uint8Array(bytes.length);
    let i = this.#i;
    let j = this.#j;
    for (let at = 0; at < bytes.length; at++) {
      i = (i + 1) & 0xff;
      const value = state[i] ?? 0;
      j = (j + value) & 0xff;
      const other = state[j] ?? 0;
      state[i] = other;
      state[j] = value;
      out[at] = (bytes[at] ?? 0) ^ (state[(value + other) & 0xff] ?? 0);
    }
    this.#i = i;
    this.#j = j;
    return out;
  }
}
