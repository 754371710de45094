import { u32 } from '../../../packet/layers.ts';
import type { Frame } from '../../../packet/frame.ts';
import type { Packet } from '../../../packet/packet.ts';

/**
 * Capturing on all interfaces of a bridge, or on a mirror port, shows a packet again within microseconds; a sender that
 * repeats itself takes longer, or gives the repeat an IP identification of its own.
 */
const COPY_US = 1000;

/**
 * `copy`: the capture holds the packet twice. `perhaps`: no identification tells the two apart, which IPv6 has not, and
 * which Linux sets to 0 where a packet must not be fragmented (RFC 6864 section 4.1).
 */
export type Copied = 'no' | 'perhaps' | 'copy';

/** Recognises captured copies among the packets that one end of a conversation sends. */
export class CopyWatch {
  #identification = 0;
  #length = -1;
  #beginning = 0;
  #atUs = -COPY_US;

  /** Takes the next packet of that end. */
  look(packet: Packet, frame: Frame): Copied {
    const identification = packet.ipv4?.identification ?? 0;
    const beginning = u32(packet.payload, 0);
    const same =
      identification === this.#identification &&
      packet.payloadLength === this.#length &&
      beginning === this.#beginning &&
      Math.abs(frame.atUs - this.#atUs) < COPY_US;
    if (same && identification !== 0) return 'copy';
    this.#identification = identification;
    this.#length = packet.payloadLength;
    this.#beginning = beginning;
    this.#atUs = frame.atUs;
    return same ? 'perhaps' : 'no';
  }
}
