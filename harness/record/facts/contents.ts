import { joinBytes } from '../../packet/bytes.ts';
import { isMalformed } from '../../packet/malformed.ts';
import type { Packet } from '../../packet/packet.ts';
import { destinationOf, endText, sourceOf } from '../../protocols/base/observe/flow-ends.ts';
import { decodeTftp } from '../../protocols/tftp/wire/codec.ts';
import type { AskedFile } from './files.ts';

/** Bytes of files that came whole, gathered from the frames of their transfers. */
export class Contents {
  readonly #transfers: readonly Gathering[];

  constructor(files: readonly AskedFile[]) {
    this.#transfers = files.flatMap((file) =>
      file.whole === undefined ? [] : [new Gathering(file, [file.frame, file.whole[1]])],
    );
  }

  packet(packet: Packet, frame: number): void {
    if (packet.udp !== undefined || packet.tcp !== undefined)
      for (const transfer of this.#transfers) transfer.packet(packet, frame);
  }

  /** The file's bytes; undefined unless all of them are in the capture. */
  of(file: AskedFile): Uint8Array | undefined {
    const bytes = this.#transfers.find((one) => one.file === file)?.bytes();
    return bytes?.length === file.size?.value ? bytes : undefined;
  }
}

/** What the server sends in one transfer. */
class Gathering {
  readonly file: AskedFile;
  readonly #frames: readonly [first: number, last: number];
  readonly #clientEnd: string;
  readonly #parts: Body;

  constructor(file: AskedFile, frames: readonly [first: number, last: number]) {
    this.file = file;
    this.#frames = frames;
    this.#clientEnd = file.transfer.split('>')[0] ?? '';
    this.#parts = file.protocol === 'tftp' ? new TftpBody() : new HttpBody();
  }

  packet(packet: Packet, frame: number): void {
    if (frame < this.#frames[0] || frame > this.#frames[1]) return;
    if (sourceOf(packet).ip === this.file.server && endText(destinationOf(packet)) === this.#clientEnd)
      this.#parts.add(packet);
  }

  bytes(): Uint8Array | undefined {
    return this.#parts.bytes();
  }
}

interface Body {
  add(packet: Packet): void;
  /** Undefined where the capture cut or lacks some of it. */
  bytes(): Uint8Array | undefined;
}

class TftpBody implements Body {
  readonly #blocks: Uint8Array[] = [];
  #isCut = false;

  add({ payload, payloadLength }: Packet): void {
    const packet = decodeTftp(payload, payloadLength);
    if (isMalformed(packet) || packet.op !== 'data') return;
    // What was sent again, or ahead of a lost block, comes in its turn.
    if (packet.block !== (this.#blocks.length + 1) % 0x1_0000) return;
    this.#isCut ||= packet.data.length < packet.dataLength;
    this.#blocks.push(packet.data.slice());
  }

  bytes(): Uint8Array | undefined {
    return this.#isCut ? undefined : joinBytes(this.#blocks);
  }
}

/** A response without transfer coding (RFC 9112 section 6): header section, empty line, body. */
class HttpBody implements Body {
  /** Segments by their distance from the first one. */
  readonly #segments = new Map<number, Uint8Array>();
  #start: number | undefined;
  #isCut = false;

  add({ tcp, payload, payloadLength }: Packet): void {
    if (tcp === undefined || payloadLength === 0) return;
    this.#start ??= tcp.sequence;
    this.#isCut ||= payload.length < payloadLength;
    // Sequence numbers wrap.
    const at = (tcp.sequence - this.#start) | 0;
    if ((this.#segments.get(at)?.length ?? 0) < payload.length) this.#segments.set(at, payload.slice());
  }

  bytes(): Uint8Array | undefined {
    const stream = this.#stream();
    if (this.#isCut || stream === undefined) return undefined;
    const text = Buffer.from(stream.buffer, stream.byteOffset, stream.length).toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    const isCoded = /\r\ntransfer-encoding:/i.test(text.slice(0, Math.max(0, end)));
    return end < 0 || isCoded ? undefined : stream.subarray(end + 4);
  }

  #stream(): Uint8Array | undefined {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (const [at, bytes] of [...this.#segments].toSorted(([a], [b]) => a - b)) {
      if (at > length || (parts.length === 0 && at < 0)) return undefined;
      const rest = bytes.subarray(length - at);
      parts.push(rest);
      length += rest.length;
    }
    return joinBytes(parts);
  }
}
