import type { DhcpMessage } from '../../../harness/protocols/dhcp/wire/message.ts';
import { decodeDhcp } from '../../../harness/protocols/dhcp/wire/codec.ts';
import {
  messageType,
  optionBytes,
  optionIp,
  optionText,
  optionU16,
  optionU16s,
  parameterRequestList,
} from '../../../harness/protocols/dhcp/wire/options.ts';
import { userClasses } from '../../../harness/protocols/dhcp/wire/user-class.ts';
import { clientMachineIdentifier } from '../../../harness/protocols/dhcp/wire/pxe.ts';
import { isMalformed, type Field } from '../../../harness/packet/malformed.ts';
import { hex } from '../../../harness/packet/text.ts';

/** Option 53 (RFC 2132 section 9.6). */
export const DISCOVER = 1;
export const OFFER = 2;
export const REQUEST = 3;
export const DECLINE = 4;
export const ACK = 5;
export const NAK = 6;
export const RELEASE = 7;
export const INFORM = 8;

/** Address and port of a datagram's sender or receiver. */
export interface Peer {
  readonly ip: string;
  readonly port: number;
}

/** A client's message with what a server decides on. */
export interface DhcpRequest {
  readonly message: DhcpMessage;
  readonly from: Peer;
  /** Option 53; undefined for BOOTP (RFC 1534 section 2). */
  readonly type: number | undefined;
  /** Whom a lease belongs to (RFC 2131 section 4.2). */
  readonly client: string;
  readonly mac: string;
  /** Option 50. */
  readonly requestedIp: string | undefined;
  /** Option 54. */
  readonly serverId: string | undefined;
  /** Option 60, empty when absent. */
  readonly vendorClass: string;
  /** Option 77: every user class that the client names. */
  readonly userClasses: readonly string[];
  /** Option 93: the first architecture a client names (RFC 4578 section 2.1). */
  readonly architecture: number | undefined;
  /** Option 97: the client's SMBIOS UUID (RFC 4578 section 2.3). */
  readonly uuid: string | undefined;
  /** Option 55; undefined when the client names nothing, which leaves the choice to the server. */
  readonly wanted: ReadonlySet<number> | undefined;
  /** Longest reply in bytes of UDP payload that the client takes. */
  readonly maxLength: number;
}

// Option 57 counts the IP datagram, as clients in the field mean it (RFC 2131 section 2: 576 "minimum IP host
// datagram"): 20 bytes of IP header and 8 of UDP header are subtracted.
const HEADERS_LENGTH = 28;
const MIN_DATAGRAM = 576;

// Hardware type 1 (RFC 1700).
const ETHERNET = 1;
const MAC_LENGTH = 6;

/** A BOOTREQUEST as a DhcpRequest, or a text that says why the bytes are not one. */
export function readRequest(bytes: Uint8Array, from: Peer): DhcpRequest | string {
  const message = decodeDhcp(bytes);
  if (message.kind === 'malformed') return message.reason;
  // A missing option 255 loses nothing: everything before it was read. Any other trouble may hide an option that
  // decides.
  if (message.malformed && message.malformed.bytes.length > 0) return message.malformed.reason;
  if (message.op !== 1) return `expected op 1 (BOOTREQUEST), got ${message.op}`;
  if (message.hlen === 0) return 'expected a hardware address, got length 0';
  // Nothing that is known by a hardware address could be told from this one.
  if (message.htype === ETHERNET && message.hlen !== MAC_LENGTH)
    return `expected a hardware address of ${MAC_LENGTH} bytes for Ethernet, got ${message.hlen}`;
  const type = messageType(message);
  if (typeof type === 'object') return type.reason;
  const requestedIp = optionIp(message, 50);
  const serverId = optionIp(message, 54);
  if (typeof requestedIp === 'object') return requestedIp.reason;
  if (typeof serverId === 'object') return serverId.reason;
  const wanted = readable(parameterRequestList(message));
  return {
    message,
    from,
    type,
    client: clientKey(message),
    mac: message.chaddr,
    requestedIp,
    serverId,
    vendorClass: readable(optionText(message, 60)) ?? '',
    userClasses: userClasses(message),
    architecture: readable(optionU16s(message, 93))?.[0],
    uuid: readable(clientMachineIdentifier(message)),
    wanted: wanted && new Set(wanted),
    maxLength: Math.max(readable(optionU16(message, 57)) ?? 0, MIN_DATAGRAM) - HEADERS_LENGTH,
  };
}

/**
 * The key of a lease: option 61 when there is one, else hardware type and address (RFC 2131 section 4.2). An option 61
 * that is hardware type and address itself, as iPXE sends it, is the same key: a client's ROM and its kernel share a
 * lease.
 */
function clientKey(message: DhcpMessage): string {
  const identifier = optionBytes(message, 61);
  // RFC 2132 section 9.14: at least 2 bytes. A shorter one does not identify a client.
  if (identifier && identifier.length >= 2) return hex(identifier);
  return message.htype.toString(16).padStart(2, '0') + message.chaddr.replaceAll(':', '');
}

/** A field that only tunes the reply: an unreadable one counts as absent. */
function readable<T>(field: Field<T>): T | undefined {
  return isMalformed(field) ? undefined : field;
}
