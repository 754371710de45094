import { joinBytes } from '../../packet/bytes.ts';
import { isMalformed } from '../../packet/malformed.ts';
import type { Packet } from '../../packet/packet.ts';
import { destinationOf, endText, sourceOf } from '../../protocols/base/observe/flow-ends.ts';
import { decodeTftp } from '../../protocols/tftp/wire/codec.ts';
import type { AskedFile } from './files.ts';

/** Bytes of files that came whole by TFTP, gathered from the frames of their transfers. */
export class TftpContents {
  readonly #transfers: readonly Gathering[];

  constructor(files: readonly AskedFile[]) {
    this.#transfers = files.flatMap((file) =>
      file.protocol === 'tftp' && file.whole !== undefined ? [new Gathering(file, file.whole)] : [],
    );
  }

  packet(packet: Packet, frame: number): void {
    if (packet.udp === undefined) return;
    for (const transfer of this.#transfers) transfer.packet(packet, frame);
  }

  /** The file's bytes; undefined unless all of them are in the capture. */
  of(file: AskedFile): Uint8Array | undefined {
    return this.#transfers.find((one) => one.file === file)?.bytes();
  }
}

class Gathering {
  readonly file: AskedFile;
  readonly #frames: readonly [number, number];
  readonly #clientEnd: string;
  readonly #blocks: Uint8Array[] = [];
  #isCut = false;

  constructor(file: AskedFile, frames: readonly [number, number]) {
    this.file = file;
    this.#frames = frames;
    this.#clientEnd = file.transfer.split('>')[0] ?? '';
  }

  packet(packet: Packet, frame: number): void {
    if (frame < this.#frames[0] || frame > this.#frames[1]) return;
    if (endText(destinationOf(packet)) !== this.#clientEnd || sourceOf(packet).ip !== this.file.server) return;
    const data = decodeTftp(packet.payload, packet.payloadLength);
    if (isMalformed(data) || data.op !== 'data') return;
    // What was sent again, or ahead of a lost block, comes in its turn.
    if (data.block !== (this.#blocks.length + 1) % 0x1_0000) return;
    const bytes = packet.payload.subarray(HEADER);
    this.#isCut ||= bytes.length < data.dataLength;
    this.#blocks.push(bytes.slice(0, data.dataLength));
  }

  bytes(): Uint8Array | undefined {
    const bytes = joinBytes(this.#blocks);
    return this.#isCut || bytes.length !== this.file.size?.value ? undefined : bytes;
  }
}
/** Opcode and block number. */
const HEADER = 4;
