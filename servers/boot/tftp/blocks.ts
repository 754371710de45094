import type { Source } from './netascii.ts';

// DATA: opcode 3, block number (RFC 1350 section 5).
const HEADER = 4;

/**
 * A file as DATA packets. Packets are built in a few reused buffers, ahead of their turn, so that the way from an
 * acknowledgement to the next block allocates and waits for nothing.
 */
export class DataBlocks {
  /** Number of the short block that ends the file: one more than the full ones (RFC 1350 section 6). */
  readonly last: number;
  readonly blksize: number;
  readonly #source: Source;
  readonly #slots: Buffer[] = [];
  readonly #numbers: number[] = [];
  #final: Buffer | undefined;
  #readAheadAt = 0;

  /** `slots` is the number of blocks that may be under way in the kernel at once. */
  constructor(source: Source, blksize: number, slots: number) {
    this.#source = source;
    this.blksize = blksize;
    this.last = Math.floor(source.size / blksize) + 1;
    for (let i = 0; i < slots; i++) this.#numbers.push(0);
  }

  /** Payload length of a block. */
  lengthOf(block: number): number {
    return block < this.last ? this.blksize : this.#source.size - (this.last - 1) * this.blksize;
  }

  /** The packet of a block (1 is the first), or undefined when its bytes have to be loaded first. */
  packet(block: number): Buffer | undefined {
    if (block === this.last) return this.#finalPacket();
    const slot = block % this.#numbers.length;
    const ready = this.#slots[slot];
    if (ready && this.#numbers[slot] === block) return ready;
    const offset = (block - 1) * this.blksize;
    if (!this.#source.has(offset, this.blksize)) return undefined;
    const packet = ready ?? (this.#slots[slot] = Buffer.allocUnsafeSlow(HEADER + this.blksize));
    writeHeader(packet, block);
    this.#source.copy(offset, this.blksize, packet, HEADER);
    this.#numbers[slot] = block;
    if (offset >= this.#readAheadAt) this.#readAhead(offset);
    return packet;
  }

  /** Loads the bytes of a block. */
  load(block: number): Promise<void> {
    return this.#source.load((block - 1) * this.blksize, this.lengthOf(block));
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  // The final packet has a buffer of its own: a reused one could change its length while the kernel still has it
  // queued.
  #finalPacket(): Buffer | undefined {
    if (this.#final) return this.#final;
    const length = this.lengthOf(this.last);
    const offset = (this.last - 1) * this.blksize;
    if (!this.#source.has(offset, length)) return undefined;
    const packet = Buffer.allocUnsafeSlow(HEADER + length);
    writeHeader(packet, this.last);
    this.#source.copy(offset, length, packet, HEADER);
    return (this.#final = packet);
  }

  #readAhead(offset: number): void {
    // Half a chunk between looks: the next chunk is asked for while the present one lasts.
    this.#readAheadAt = offset + READ_AHEAD_STEP;
    this.#source.readAhead(offset);
  }
}

const READ_AHEAD_STEP = 128 * 1024;

// Block numbers have 16 bits and go on at 0 after 65535, as every server in the field does (RFC 1350 is silent).
function writeHeader(packet: Buffer, block: number): void {
  packet[0] = 0;
  packet[1] = 3;
  packet[2] = (block >> 8) & 0xff;
  packet[3] = block & 0xff;
}
