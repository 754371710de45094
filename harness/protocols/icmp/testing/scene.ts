import { CLIENT, type Host, type Scene, SERVER } from '../../../observe/testing/scene.ts';
import type { Frame } from '../../../packet/frame.ts';
import { ICMP, ICMPV6 } from '../../../packet/icmp.ts';

const ETHERNET_LENGTH = 14;

/** An ICMP error, and who says it to whom. */
export interface IcmpWords {
  readonly type?: number;
  readonly code?: number;
  readonly by?: Host;
  readonly to?: Host;
  /** The frame that it is about; else the last one. */
  readonly about?: Frame | undefined;
  /** The last four bytes of the header. */
  readonly rest?: number;
}

/** A host says that a frame's packet did not arrive: port unreachable, where the words say nothing else. */
export function unreachable<S extends Scene>(scene: S, words: IcmpWords = {}): S {
  const { type = 3, code = 3, by = SERVER, to = CLIENT, about = scene.frames.at(-1), rest = 0 } = words;
  // RFC 792: the IP header and 64 bits of its data.
  const quoted = about?.bytes.subarray(ETHERNET_LENGTH, ETHERNET_LENGTH + 28) ?? new Uint8Array(0);
  return scene.ip(by, to, ICMP, icmpBytes(type, code, rest, quoted));
}

/** The same by ICMPv6, which repeats all of the packet that fits (RFC 4443 section 3.1). */
export function unreachable6<S extends Scene>(scene: S, by: Host, to: Host, words: IcmpWords = {}): S {
  const { type = 1, code = 4, about = scene.frames.at(-1), rest = 0 } = words;
  const quoted = about?.bytes.subarray(ETHERNET_LENGTH) ?? new Uint8Array(0);
  return scene.ip6(by, to, ICMPV6, icmpBytes(type, code, rest, quoted));
}

/** The checksum is left out: nobody who judges a capture relies on it. */
function icmpBytes(type: number, code: number, rest: number, quoted: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + quoted.length);
  bytes.set([type, code, 0, 0, rest >>> 24, (rest >>> 16) & 255, (rest >>> 8) & 255, rest & 255]);
  bytes.set(quoted, 8);
  return bytes;
}
