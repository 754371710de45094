import { at, BROADCAST, type End, type Host, SERVER, Tape } from '../../../observe/testing/scene.ts';
import { IgmpScene } from '../../igmp/testing/scene.ts';
import { CAPABILITIES } from '../wire/message.ts';
import { RECEIVER_PORT } from '../wire/ports.ts';
import { encodeUdpcast } from './encode.ts';

const GROUP: Host = { mac: '01:00:5e:09:00:01', ip: '234.9.0.1' };
const CAPABLE = CAPABILITIES.newGeneration | CAPABILITIES.bigEndian;
/** Bytes of a block, as udpcast has them, and blocks of this scene's slices. */
const BLOCK = 1456;
const SLICE_BLOCKS = 4;
const SLICE = SLICE_BLOCKS * BLOCK;

/** A transfer by udpcast from the reference trace's server. */
export class MulticastScene extends IgmpScene {
  capabilities: number = CAPABLE;
  group: Host = GROUP;
  readonly #base: number;
  readonly #sender: End;

  constructor(base = RECEIVER_PORT, tape = new Tape()) {
    super(tape);
    this.#base = base;
    this.#sender = at(SERVER, base + 1);
  }

  /** The receiver's kernel says that it is in the group. */
  inGroup(...hosts: Host[]): this {
    for (const host of hosts) this.record(host, this.group.ip, 'change-to-exclude');
    return this;
  }

  /** Receivers ask everybody, and once they heard of a sender it alone. */
  asks(host: Host, everybody = true): this {
    const to = everybody ? at(BROADCAST, this.#base + 1) : this.#sender;
    return this.udp(
      at(host, this.#base),
      to,
      encodeUdpcast({ op: 'connect-request', capabilities: CAPABLE, receiveBuffer: 212_992 }),
    );
  }

  hello(streaming = false): this {
    const { capabilities, group } = this;
    return this.#says(at(BROADCAST, this.#base), {
      op: 'hello',
      streaming,
      capabilities,
      group: group.ip,
      blockSize: BLOCK,
    });
  }

  letsIn(host: Host, clientNumber = 0): this {
    const { capabilities, group } = this;
    return this.#says(at(host, this.#base), {
      op: 'connect-reply',
      clientNumber,
      blockSize: BLOCK,
      capabilities,
      group: group.ip,
    });
  }

  /** The receiver has asked and is let in. */
  joins(host: Host, clientNumber = 0): this {
    return this.asks(host, false).letsIn(host, clientNumber);
  }

  go(host: Host): this {
    return this.#answers(host, { op: 'go' });
  }

  /** Blocks of a slice of four. */
  blocks(slice: number, ...blocks: number[]): this {
    for (const block of blocks)
      this.#says(at(this.group, this.#base), { op: 'data', slice, block, sliceBytes: SLICE, dataLength: BLOCK });
    return this;
  }

  /** A packet of forward error correction. */
  fec(slice: number, block: number): this {
    return this.#says(at(this.group, this.#base), {
      op: 'fec',
      stripes: 1,
      slice,
      block,
      sliceBytes: SLICE,
      dataLength: BLOCK,
    });
  }

  /** The sender asks who has the slice; the last slice has no bytes. */
  asksForOk(slice: number, { last = false, round = 0 } = {}): this {
    return this.#says(at(this.group, this.#base), {
      op: 'request-ack',
      slice,
      sliceBytes: last ? 0 : SLICE,
      round,
      ready: new Uint8Array(128),
    });
  }

  ok(slice: number, ...hosts: Host[]): this {
    for (const host of hosts) this.#answers(host, { op: 'ok', slice });
    return this;
  }

  /** The receiver has the first blocks of a slice only. */
  lacks(host: Host, slice: number, blocks: number): this {
    const has = new Uint8Array(128);
    has[0] = (1 << (SLICE_BLOCKS - blocks)) - 1;
    return this.#answers(host, { op: 'retransmit', slice, round: 0, has });
  }

  leaves(...hosts: Host[]): this {
    for (const host of hosts) this.#answers(host, { op: 'disconnect' });
    return this;
  }

  /** Whole slices from `first` to `last`, each confirmed by all. */
  slices(first: number, last: number, ...hosts: Host[]): this {
    for (let slice = first; slice <= last; slice++)
      this.blocks(slice, 0, 1, 2, 3)
        .asksForOk(slice)
        .ok(slice, ...hosts);
    return this;
  }

  /** The end of the image, which everybody confirms and then leaves. */
  ends(slice: number, ...hosts: Host[]): this {
    return this.asksForOk(slice, { last: true })
      .ok(slice, ...hosts)
      .leaves(...hosts);
  }

  #says(to: End, message: Parameters<typeof encodeUdpcast>[0]): this {
    return this.udp(this.#sender, to, encodeUdpcast(message));
  }

  #answers(host: Host, message: Parameters<typeof encodeUdpcast>[0]): this {
    return this.udp(at(host, this.#base), this.#sender, encodeUdpcast(message));
  }
}
