import { type QuotedPacket, quotedPacket } from '../../../packet/icmp.ts';
import { u16, u32 } from '../../../packet/layers.ts';
import { type Malformed, malformed } from '../../../packet/malformed.ts';
import { errorOf, type IcmpVersion, type Unreachable } from './names.ts';

/** Type, code, checksum and four bytes that depend on the type (RFC 792, RFC 4443 section 2.1). */
const HEADER_LENGTH = 8;

/** A message of ICMP or ICMPv6. */
export interface IcmpMessage {
  readonly kind: 'icmp';
  readonly version: IcmpVersion;
  readonly type: number;
  readonly code: number;
  /** What the message says of a packet that did not arrive; undefined for messages that say nothing of it. */
  readonly unreachable?: Unreachable;
  /** Next-hop MTU of `fragmentation-needed` (RFC 1191 section 4, RFC 4443 section 3.2); 0 where the router leaves it out. */
  readonly mtu?: number;
  readonly quoted?: QuotedPacket;
}

/** Decodes ICMP of IPv4 (4) or ICMPv6 (6). */
export function decodeIcmp(bytes: Uint8Array, version: IcmpVersion): IcmpMessage | Malformed {
  if (bytes.length < HEADER_LENGTH)
    return malformed('icmp', `a message has at least ${HEADER_LENGTH} bytes but there are only ${bytes.length}`, bytes);
  const [type = 0, code = 0] = bytes;
  const unreachable = errorOf(version, type, code);
  const message = { kind: 'icmp', version, type, code } as const;
  if (unreachable === undefined) return message;
  const quoted = quotedPacket(bytes);
  return {
    ...message,
    unreachable,
    ...(unreachable === 'fragmentation-needed' ? { mtu: version === 4 ? u16(bytes, 6) : u32(bytes, 4) } : {}),
    ...(quoted ? { quoted } : {}),
  };
}
