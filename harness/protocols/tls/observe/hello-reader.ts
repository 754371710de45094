import { malformed, type Malformed } from '../../../packet/malformed.ts';
import {
  CLIENT_HELLO,
  type ClientHello,
  decodeClientHello,
  decodeServerHello,
  HANDSHAKE_HEADER_BYTES,
  SERVER_HELLO,
  type ServerHello,
} from '../wire/hello.ts';

/** A ClientHello with keys for post-quantum exchanges has 2 KiB. */
const MAX_HELLO_BYTES = 65_536;

/** Puts one side's hello together: it may come in several records (RFC 8446 section 5.1). */
export class HelloReader {
  /** What came of it, and room for more. */
  #held = NOTHING;
  #length = 0;
  #isWanted = true;

  /** A hello is still to come. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** Another one will come. */
  again(): void {
    this.#drop();
    this.#isWanted = true;
  }

  /** None will be read: bytes are missing, or are no records. */
  giveUp(): void {
    this.#drop();
    this.#isWanted = false;
  }

  /** Content of a handshake record; the hello that it completes, undefined before that and for other messages. */
  take(bytes: Uint8Array): ClientHello | ServerHello | Malformed | undefined {
    if (!this.#isWanted) return undefined;
    this.#hold(bytes);
    if (this.#length < HANDSHAKE_HEADER_BYTES) return undefined;
    const all = this.#held.subarray(0, this.#length);
    const [type = 0, high = 0, middle = 0, low = 0] = all;
    const length = (high << 16) | (middle << 8) | low;
    const isHello = type === CLIENT_HELLO || type === SERVER_HELLO;
    if (isHello && length > MAX_HELLO_BYTES) {
      this.giveUp();
      return malformed('tls', `a hello of ${length} bytes is announced, expected at most ${MAX_HELLO_BYTES}`, all);
    }
    if (isHello && all.length < HANDSHAKE_HEADER_BYTES + length) return undefined;
    this.giveUp();
    if (!isHello) return undefined;
    const body = all.subarray(HANDSHAKE_HEADER_BYTES, HANDSHAKE_HEADER_BYTES + length);
    return type === CLIENT_HELLO ? decodeClientHello(body) : decodeServerHello(body);
  }

  /** Its bytes lie one behind the other: there may be as many pieces as bytes. */
  #hold(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#held.length) {
      const grown = new Uint8Array(Math.max(length, this.#held.length * 2));
      grown.set(this.#held.subarray(0, this.#length));
      this.#held = grown;
    }
    this.#held.set(bytes, this.#length);
    this.#length = length;
  }

  #drop(): void {
    this.#held = NOTHING;
    this.#length = 0;
  }
}

const NOTHING = new Uint8Array(0);
