import type { Frame } from '../../../packet/frame.ts';
import { decodeHttpHead, httpBodyFraming, type HttpRequest, type HttpResponse } from '../wire/codec.ts';
import { isMalformed, malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeText } from '../../../packet/text.ts';
import type { StreamControl, StreamReader } from '../../tcp/observe/stream-reader.ts';

/**
 * Longest chunk-size line, extensions included, and longest trailer line (RFC 9112 section 7.1); real ones have a dozen
 * bytes.
 */
const MAX_LINE_BYTES = 4096;
/** A body that ends with the connection: more than any file has. */
const UNTIL_CLOSE = 2 ** 50;

/** Takes the messages of one direction. */
interface HttpSink {
  head(head: HttpRequest | HttpResponse, frame: Frame): void;
  /** Method of the request that a response answers, which decides whether a body follows. */
  requestMethod(): string | undefined;
  /** Body bytes that will have gone by when the reader comes back. */
  body(bytes: number): void;
  /** Takes the bytes of a body whose length is known, as they come; without it, and while it is not wanted, they go by unread. */
  readonly content?: { readonly isWanted: () => boolean; readonly take: (bytes: Uint8Array) => void };
  complete(frame: Frame): void;
  malformed(malformed: Malformed, frame: Frame): void;
  /** What comes next begins somewhere behind the last message: bytes are missing, or were none of HTTP. */
  readonly lost?: () => void;
}

type State = 'head' | 'searching' | 'body' | 'until-close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers';

/** Cuts one direction of an HTTP/1.1 connection into heads and bodies (RFC 9112 section 6); bodies go by unread, unless the sink wants them. */
export class HttpFraming implements StreamReader {
  need = 1;
  readonly #stream: StreamControl;
  readonly #sink: HttpSink;
  #state: State = 'head';
  /** Bytes of a head without its end that were looked at. */
  #seen = 0;
  /** Bytes of a body or a chunk that the sink takes and that have not come. */
  #contentLeft = 0;

  constructor(stream: StreamControl, sink: HttpSink) {
    this.#stream = stream;
    this.#sink = sink;
  }

  /** Body bytes announced by `body` that have not gone by. */
  get bodyLeft(): number {
    if (this.#contentLeft > 0) return this.#contentLeft;
    return this.#state === 'body' || this.#state === 'chunk' || this.#state === 'until-close'
      ? this.#stream.skipping
      : 0;
  }

  /** The body under way lasts as long as the connection. */
  get untilClose(): boolean {
    return this.#state === 'until-close';
  }

  read(bytes: Uint8Array, frame: Frame): number {
    switch (this.#state) {
      case 'searching':
        return this.#find(bytes, frame);
      case 'head':
        return this.#head(bytes, frame);
      case 'chunk-size':
      case 'chunk-end':
      case 'trailers':
        return this.#line(bytes, frame);
      case 'body':
      case 'chunk':
      case 'until-close':
        return this.#content(bytes, frame);
    }
  }

  skipped(frame: Frame): void {
    if (this.#state === 'chunk') this.#expect('chunk-end');
    else if (this.#state === 'body') this.#ends(frame);
  }

  lost(): void {
    this.#sink.lost?.();
    this.#contentLeft = 0;
    this.#expect('searching');
    this.need = 8;
  }

  #expect(state: State): void {
    this.#state = state;
    this.#seen = 0;
    this.need = 1;
  }

  /** After a gap: a segment that begins like a message. */
  #find(bytes: Uint8Array, frame: Frame): number {
    if (!/^(HTTP\/1|[A-Z]{3,7} )/.test(decodeText(bytes.subarray(0, 8)))) return bytes.length;
    this.#expect('head');
    return this.#head(bytes, frame);
  }

  #head(bytes: Uint8Array, frame: Frame): number {
    const head = decodeHttpHead(bytes, this.#seen);
    if (head === undefined) {
      this.#seen = bytes.length;
      this.need = bytes.length + 1;
      return 0;
    }
    if (isMalformed(head)) {
      this.#sink.malformed(head, frame);
      this.lost();
      return bytes.length;
    }
    this.#sink.head(head, frame);
    const framing = httpBodyFraming(head, this.#sink.requestMethod());
    this.#expect('head');
    if (isMalformed(framing)) {
      this.#sink.malformed(framing, frame);
      this.lost();
    } else if (framing.framing === 'chunked') this.#expect('chunk-size');
    else if (framing.framing === 'until-close') this.#pass('until-close', UNTIL_CLOSE);
    else if (framing.framing === 'length' && framing.length > 0) this.#pass('body', framing.length);
    else this.#ends(frame);
    return head.headLength;
  }

  #pass(state: 'body' | 'chunk' | 'until-close', bytes: number): void {
    this.#state = state;
    this.#sink.body(bytes);
    if (state !== 'until-close' && this.#sink.content?.isWanted() === true) {
      this.need = 1;
      this.#contentLeft = bytes;
    } else this.#stream.skip(bytes, true);
  }

  /** Without content to take, all of a body is skipped and never read. */
  #content(bytes: Uint8Array, frame: Frame): number {
    const taken = Math.min(this.#contentLeft, bytes.length);
    this.#sink.content?.take(bytes.subarray(0, taken));
    this.#contentLeft -= taken;
    if (this.#contentLeft === 0) this.skipped(frame);
    return taken;
  }

  #ends(frame: Frame): void {
    this.#expect('head');
    this.#sink.complete(frame);
  }

  #line(bytes: Uint8Array, frame: Frame): number {
    const lineFeed = bytes.subarray(0, MAX_LINE_BYTES).indexOf(10);
    if (lineFeed < 0 && bytes.length < MAX_LINE_BYTES) {
      this.need = bytes.length + 1;
      return 0;
    }
    const line = decodeText(bytes.subarray(0, Math.max(lineFeed, 0))).replace(/\r$/, '');
    const trouble = lineFeed < 0 ? `a chunk line has more than ${MAX_LINE_BYTES} bytes` : this.#chunkLine(line, frame);
    if (trouble === undefined) return lineFeed + 1;
    this.#sink.malformed(malformed('http', trouble, bytes.slice(0, 64)), frame);
    this.lost();
    return bytes.length;
  }

  /**
   * One line of chunked framing (RFC 9112 section 7.1): a size in hexadecimal, the end of a chunk, or a trailer.
   * Returns what is wrong with it.
   */
  #chunkLine(line: string, frame: Frame): string | undefined {
    if (this.#state === 'chunk-end') {
      this.#expect('chunk-size');
      return line === '' ? undefined : `expected the end of a chunk, got ${JSON.stringify(line.slice(0, 40))}`;
    }
    if (this.#state === 'trailers') {
      if (line === '') this.#ends(frame);
      else this.need = 1;
      return undefined;
    }
    const size = /^[0-9a-f]{1,12}/i.exec(line)?.[0];
    if (size === undefined) return `expected a chunk size, got ${JSON.stringify(line.slice(0, 40))}`;
    const bytes = parseInt(size, 16);
    this.need = 1;
    if (bytes === 0) this.#expect('trailers');
    else this.#pass('chunk', bytes);
    return undefined;
  }
}
