import type { Frame } from '../../../packet/frame.ts';
import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import type { StreamControl, StreamReader } from '../../tcp/observe/stream-reader.ts';
import { decodeTlsRecord, RECORD_HEADER_BYTES, type TlsRecord } from '../wire/record.ts';
import type { TlsVolume } from './events.ts';

/** Takes the records of one direction. */
interface RecordSink {
  /** A record begins. Whether its content is to be read, of which there is some: what is encrypted goes by unread. */
  record(record: TlsRecord, frame: Frame): boolean;
  /** The content of a record that is to be read. */
  content(record: TlsRecord, bytes: Uint8Array, frame: Frame): void;
  /** Bytes that are no record; `isFirst`: the stream begins with them. Their view is only valid during the call. */
  malformed(malformed: Malformed, isFirst: boolean, frame: Frame): void;
  /** Bytes are missing from the capture. */
  lost(): void;
}

/** How every record of application data begins in TLS 1.2 and 1.3: its type, and the version of TLS 1.2 (RFC 8446 section 5.2). */
const SEALED_TYPE = 23;
const SEALED_BEGIN: readonly number[] = [SEALED_TYPE, 3, 3];

/**
 * Cuts one direction of a TLS connection into records (RFC 8446 section 5.1). After a hole in the capture it looks for a
 * header of application data in what follows, and counts what it passes over.
 */
export class TlsFraming implements StreamReader {
  need = RECORD_HEADER_BYTES;
  readonly #stream: StreamControl;
  readonly #sink: RecordSink;
  #state: 'header' | 'content' | 'searching' = 'header';
  /** The last record. */
  #last: TlsRecord | undefined;
  /** The content of application data is going by. */
  #isDataPassing = false;
  /** Where records begin was found by looking for it. */
  #isGuess = false;
  #bytes = 0;
  #records = 0;
  #unread = 0;

  constructor(stream: StreamControl, sink: RecordSink) {
    this.#stream = stream;
    this.#sink = sink;
  }

  get last(): TlsRecord | undefined {
    return this.#last;
  }

  /** The last record has not come to its end. */
  get isInside(): boolean {
    return !this.#isGuess && (this.#state === 'content' || (this.#state === 'header' && this.#stream.skipping > 0));
  }

  get volume(): TlsVolume {
    const toCome = this.#isDataPassing ? this.#stream.skipping : 0;
    return { bytes: this.#bytes + this.#unread - toCome, records: this.#records, unread: this.#unread };
  }

  read(bytes: Uint8Array, frame: Frame): number {
    switch (this.#state) {
      case 'header':
        return this.#header(bytes, frame);
      case 'content':
        return this.#content(bytes, frame);
      case 'searching':
        return this.#find(bytes, frame);
    }
  }

  skipped(): void {
    this.#isDataPassing = false;
  }

  lost(bytes: number): void {
    this.#unread += bytes;
    this.#sink.lost();
    this.#expect('searching');
  }

  #expect(state: 'header' | 'searching'): void {
    this.#state = state;
    this.need = RECORD_HEADER_BYTES;
  }

  #header(bytes: Uint8Array, frame: Frame): number {
    const record = decodeTlsRecord(bytes.subarray(0, RECORD_HEADER_BYTES));
    if (isMalformed(record)) {
      if (!this.#isGuess)
        this.#sink.malformed({ ...record, bytes: bytes.subarray(0, 64) }, this.#last === undefined, frame);
      this.#unread += bytes.length;
      this.#expect('searching');
      return bytes.length;
    }
    this.#isGuess = false;
    this.#last = record;
    const { type, length } = record;
    const isData = type === 'application-data';
    if (isData) {
      this.#bytes += length;
      this.#records++;
    }
    const isWanted = this.#sink.record(record, frame);
    if (isWanted) {
      this.#state = 'content';
      this.need = length;
    } else if (length > 0) {
      this.#isDataPassing = isData;
      this.#stream.skip(length, isData);
    }
    return RECORD_HEADER_BYTES;
  }

  #content(bytes: Uint8Array, frame: Frame): number {
    const { need, last } = this;
    this.#expect('header');
    if (last) this.#sink.content(last, bytes.subarray(0, need), frame);
    return need;
  }

  /** The last bytes may be the begin of a header. */
  #find(bytes: Uint8Array, frame: Frame): number {
    for (let at = bytes.indexOf(SEALED_TYPE); at >= 0; at = bytes.indexOf(SEALED_TYPE, at + 1)) {
      const header = bytes.subarray(at, at + RECORD_HEADER_BYTES);
      if (!beginsSealed(header)) continue;
      const isWhole = header.length === RECORD_HEADER_BYTES;
      if (isWhole && isMalformed(decodeTlsRecord(header))) continue;
      this.#unread += at;
      if (!isWhole) return at;
      this.#expect('header');
      const read = this.#header(bytes.subarray(at), frame);
      // What follows shows whether it was one.
      this.#isGuess = true;
      return at + read;
    }
    this.#unread += bytes.length;
    return bytes.length;
  }
}

const beginsSealed = (bytes: Uint8Array): boolean => SEALED_BEGIN.every((byte, at) => (bytes[at] ?? byte) === byte);
