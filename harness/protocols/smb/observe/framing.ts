import { Cursor } from '../../../packet/cursor.ts';
import type { Frame } from '../../../packet/frame.ts';
import type { FileDataSink } from '../../base/observe/file-data-sink.ts';
import { isMalformed, malformed, type Malformed } from '../../../packet/malformed.ts';
import { NTSTATUS } from '../../../packet/ntstatus.ts';
import { decodeBody, type Smb2Body } from '../wire/body.ts';
import {
  beginsSmb,
  decodeNetbiosHeader,
  decodeSmbHeader,
  NETBIOS_HEADER_LENGTH,
  SMB_BEGINNING_LENGTH,
  SMB2_HEADER_LENGTH,
  type Smb2Command,
  type Smb2Header,
  type SmbCompressedHeader,
  type SmbEncryptedHeader,
} from '../wire/header.ts';
import {
  decodeReadResponse,
  decodeWriteRequest,
  READ_RESPONSE_HEAD_LENGTH,
  WRITE_REQUEST_HEAD_LENGTH,
  type ReadResponseHead,
  type WriteRequestHead,
} from '../wire/io.ts';
import { decodeSmbMessage, type Smb1Message } from '../wire/codec.ts';
import type { StreamControl, StreamReader } from '../../tcp/observe/stream-reader.ts';

/** Largest message that is decoded as a whole: a SESSION_SETUP with a Kerberos ticket of 64 KiB, twice. */
const MAX_MESSAGE_BYTES = 128 * 1024;
/** NetBIOS session service packets of port 139 in front of SMB (RFC 1002 section 4.3): request, responses, retarget. */
const NETBIOS_SESSION_TYPES = new Set([0x81, 0x82, 0x83, 0x84]);
/** Commands whose body is judged; of all others the header is enough. */
const DECODED = new Set<Smb2Command>([
  'negotiate',
  'session-setup',
  'tree-connect',
  'create',
  'close',
  'read',
  'write',
  'ioctl',
  'set-info',
]);

/** Takes the messages of one direction. */
export interface SmbSink {
  message(header: Smb2Header, body: Smb2Body | Malformed | undefined, frame: Frame): void;
  /** The head of a READ response; says who wants its data. */
  read(header: Smb2Header, head: ReadResponseHead, frame: Frame): FileDataSink | undefined;
  /** The head of a WRITE request; says who wants its data. */
  write(header: Smb2Header, head: WriteRequestHead, frame: Frame): FileDataSink | undefined;
  smb1(message: Smb1Message, frame: Frame): void;
  opaque(header: SmbEncryptedHeader | SmbCompressedHeader, frame: Frame): void;
  malformed(malformed: Malformed, frame: Frame): void;
  /** Messages may be missing from here on. */
  gap(): void;
}

type State = 'searching' | 'framing' | 'message' | 'whole' | 'data' | 'passing-data';

/** Cuts one direction of an SMB connection into messages; READ and WRITE data goes by without being assembled. */
export class SmbFraming implements StreamReader {
  need = NETBIOS_HEADER_LENGTH;
  readonly #stream: StreamControl;
  readonly #sink: SmbSink;
  #state: State = 'framing';
  /** Bytes from here to the end of the NetBIOS message. */
  #left = 0;
  /** Bytes from here to the end of the message of the compound, while its data goes by. */
  #messageLeft = 0;
  #dataOffset = 0;
  #dataLeft = 0;
  #data: FileDataSink | undefined;

  constructor(stream: StreamControl, sink: SmbSink, fromStart: boolean) {
    this.#stream = stream;
    this.#sink = sink;
    if (!fromStart) this.#search();
  }

  read(bytes: Uint8Array, frame: Frame): number {
    switch (this.#state) {
      case 'searching':
        return this.#find(bytes, frame);
      case 'framing':
        return this.#frame(bytes, frame);
      case 'message':
      case 'whole':
        return this.#message(bytes, frame);
      case 'data':
        return this.#take(bytes, frame);
      case 'passing-data':
        return bytes.length; // never: a skip is under way
    }
  }

  skipped(frame: Frame): void {
    if (this.#state === 'passing-data') this.#nextData(frame);
  }

  lost(bytes: number, frame: Frame): void {
    this.#sink.gap();
    if (this.#state === 'framing' || this.#state === 'searching' || bytes > this.#left) {
      this.#search();
      return;
    }
    if (this.#data) this.#data.done(frame);
    this.#data = undefined;
    const rest = this.#left - bytes;
    this.#left = 0;
    this.#nextFrame();
    if (rest > 0) this.#stream.skip(rest, false);
  }

  #search(): void {
    this.#state = 'searching';
    this.need = SMB_BEGINNING_LENGTH;
    this.#sink.gap();
  }

  /** After a gap: a segment that begins with a message. */
  #find(bytes: Uint8Array, frame: Frame): number {
    if (!beginsSmb(bytes)) return bytes.length;
    this.#nextFrame();
    return this.#frame(bytes, frame);
  }

  #nextFrame(): void {
    this.#state = 'framing';
    this.need = NETBIOS_HEADER_LENGTH;
  }

  #frame(bytes: Uint8Array, frame: Frame): number {
    if (NETBIOS_SESSION_TYPES.has(bytes[0] ?? 0)) {
      const length = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
      if (length > 0) this.#stream.skip(length, false);
      return NETBIOS_HEADER_LENGTH;
    }
    const header = decodeNetbiosHeader(bytes.subarray(0, NETBIOS_HEADER_LENGTH));
    if (isMalformed(header)) {
      this.#sink.malformed(header, frame);
      this.#search();
      return NETBIOS_HEADER_LENGTH;
    }
    this.#left = header.length;
    if (header.length > 0) this.#nextMessage();
    return NETBIOS_HEADER_LENGTH;
  }

  #nextMessage(): void {
    this.#state = 'message';
    this.need = Math.min(this.#left, WRITE_REQUEST_HEAD_LENGTH);
  }

  /** At the start of a message of the compound: decides from its header how much of it to read. */
  #message(bytes: Uint8Array, frame: Frame): number {
    const header = decodeSmbHeader(bytes.subarray(0, this.#left));
    switch (header.kind) {
      case 'malformed':
        this.#sink.malformed(header, frame);
        return this.#passMessage(0, this.#left);
      case 'smb-encrypted':
      case 'smb-compressed':
        this.#sink.opaque(header, frame);
        return this.#passMessage(0, this.#left);
      case 'smb1':
        return this.#smb1(bytes, frame);
      case 'smb2':
        return this.#smb2(header, bytes, frame);
    }
  }

  #smb1(bytes: Uint8Array, frame: Frame): number {
    if (this.#left > MAX_MESSAGE_BYTES) return this.#tooLong(frame, bytes, this.#left);
    if (bytes.length < this.#left) return this.#wantWhole(this.#left);
    const messages = decodeSmbMessage(bytes.subarray(0, this.#left));
    if (isMalformed(messages)) this.#sink.malformed(messages, frame);
    else for (const message of messages) if (message.kind === 'smb1') this.#sink.smb1(message, frame);
    return this.#passMessage(this.#left, this.#left);
  }

  #smb2(header: Smb2Header, bytes: Uint8Array, frame: Frame): number {
    const next = header.nextCommand;
    // MS-SMB2 section 2.2.1.2: from this header to the next, a multiple of 8.
    if (next !== 0 && (next < SMB2_HEADER_LENGTH || next % 8 !== 0 || next >= this.#left)) {
      this.#sink.malformed(
        malformed(
          'smb2',
          `next command ${next} must be a multiple of 8 from ${SMB2_HEADER_LENGTH} to less than the ${this.#left} bytes left`,
          bytes.slice(0, SMB2_HEADER_LENGTH),
          20,
        ),
        frame,
      );
      return this.#passMessage(0, this.#left);
    }
    const length = next === 0 ? this.#left : next;
    const isData = header.status === NTSTATUS.success || header.status === NTSTATUS.bufferOverflow;
    if (header.command === 'read' && header.response && isData && length >= READ_RESPONSE_HEAD_LENGTH)
      return this.#readResponse(header, bytes, length, frame);
    if (header.command === 'write' && !header.response && length >= WRITE_REQUEST_HEAD_LENGTH)
      return this.#writeRequest(header, bytes, length, frame);
    if (!DECODED.has(header.command)) {
      this.#sink.message(header, undefined, frame);
      return this.#passMessage(0, length);
    }
    if (length > MAX_MESSAGE_BYTES) return this.#tooLong(frame, bytes, length, header);
    if (bytes.length < length) return this.#wantWhole(length);
    this.#sink.message(
      header,
      decodeBody(new Cursor(bytes.subarray(0, length), 'smb2', SMB2_HEADER_LENGTH), header),
      frame,
    );
    return this.#passMessage(length, length);
  }

  #wantWhole(length: number): 0 {
    this.#state = 'whole';
    this.need = length;
    return 0;
  }

  #tooLong(frame: Frame, bytes: Uint8Array, length: number, header?: Smb2Header): number {
    const trouble = malformed(
      'smb2',
      `a ${header?.command ?? 'smb1'} message has ${length} bytes, expected at most ${MAX_MESSAGE_BYTES}`,
      bytes.slice(0, SMB2_HEADER_LENGTH),
    );
    if (header) this.#sink.message(header, trouble, frame);
    else this.#sink.malformed(trouble, frame);
    return this.#passMessage(0, length);
  }

  /** Ends a message of which `taken` bytes were read, and passes over the rest of its `length`. */
  #passMessage(taken: number, length: number): number {
    this.#left -= length;
    if (this.#left > 0) this.#nextMessage();
    else this.#nextFrame();
    if (length > taken) this.#stream.skip(length - taken, false);
    return taken;
  }

  #writeRequest(header: Smb2Header, bytes: Uint8Array, length: number, frame: Frame): number {
    const head = decodeWriteRequest(bytes.subarray(0, WRITE_REQUEST_HEAD_LENGTH));
    if (isMalformed(head)) {
      this.#sink.message(header, head, frame);
      return this.#passMessage(0, length);
    }
    return this.#beginData(WRITE_REQUEST_HEAD_LENGTH, length, head, this.#sink.write(header, head, frame), frame);
  }

  #readResponse(header: Smb2Header, bytes: Uint8Array, length: number, frame: Frame): number {
    const head = decodeReadResponse(bytes.subarray(0, READ_RESPONSE_HEAD_LENGTH));
    if (isMalformed(head)) {
      this.#sink.message(header, head, frame);
      return this.#passMessage(0, length);
    }
    if (
      head.dataLength > 0 &&
      (head.dataOffset < READ_RESPONSE_HEAD_LENGTH || head.dataOffset + head.dataLength > length)
    ) {
      this.#sink.message(
        header,
        malformed(
          'smb2',
          `read data is claimed at ${head.dataOffset} with ${head.dataLength} bytes in a message of ${length}`,
          bytes.slice(0, READ_RESPONSE_HEAD_LENGTH),
          SMB2_HEADER_LENGTH,
        ),
        frame,
      );
      return this.#passMessage(0, length);
    }
    return this.#beginData(READ_RESPONSE_HEAD_LENGTH, length, head, this.#sink.read(header, head, frame), frame);
  }

  /** Takes the head and begins with the data; the bytes between them belong to neither and are skipped. */
  #beginData(
    headLength: number,
    length: number,
    head: { readonly dataOffset: number; readonly dataLength: number },
    sink: FileDataSink | undefined,
    frame: Frame,
  ): number {
    this.#messageLeft = length - headLength;
    this.#left -= headLength;
    const between = Math.min(Math.max(head.dataOffset - headLength, 0), this.#messageLeft);
    this.#data = sink;
    this.#dataOffset = 0;
    this.#dataLeft = Math.min(head.dataLength, this.#messageLeft - between);
    if (between > 0) this.#passData(between);
    else this.#nextData(frame);
    return headLength;
  }

  /** Skips data of the message under way; `skipped` goes on from there. */
  #passData(bytes: number): void {
    this.#left -= bytes;
    this.#messageLeft -= bytes;
    this.#state = 'passing-data';
    this.#stream.skip(bytes, true);
  }

  #nextData(frame: Frame): void {
    if (this.#dataLeft > 0) {
      const unwanted = this.#data
        ? Math.min(this.#data.unwanted(this.#dataOffset, this.#dataLeft), this.#dataLeft)
        : this.#dataLeft;
      if (unwanted === 0) {
        this.#state = 'data';
        this.need = 1;
        return;
      }
      this.#dataOffset += unwanted;
      this.#dataLeft -= unwanted;
      this.#passData(unwanted);
      return;
    }
    const sink = this.#data;
    this.#data = undefined;
    this.#passMessage(0, this.#messageLeft);
    sink?.done(frame);
  }

  #take(bytes: Uint8Array, frame: Frame): number {
    const offered = bytes.subarray(0, this.#dataLeft);
    const taken = Math.min(Math.max(this.#data?.take(this.#dataOffset, offered, frame) ?? 0, 1), offered.length);
    this.#dataOffset += taken;
    this.#dataLeft -= taken;
    this.#left -= taken;
    this.#messageLeft -= taken;
    this.#nextData(frame);
    return taken;
  }
}
