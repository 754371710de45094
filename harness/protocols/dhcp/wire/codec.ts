import { ipv4At, ipv4Bytes, macBytes, macText } from '../../../packet/addresses.ts';
import { joinBytes } from '../../../packet/bytes.ts';
import { decodeDhcpOptions } from './options-area.ts';
import type { DhcpMessage } from './message.ts';
import { EncodeError } from '../../../packet/encode-error.ts';
import { malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeTextToNul, encodeText, hex } from '../../../packet/text.ts';

// Layout of RFC 2131 section 2: 12 bytes op to flags, 4 addresses, chaddr 16, sname 64, file 128 = 236, then the
// cookie.
const CHADDR = 28;
const SNAME = 44;
const FILE = 108;
const FIXED_LENGTH = 236;
const COOKIE = [0x63, 0x82, 0x53, 0x63]; // RFC 2131 section 3: 99, 130, 83, 99
const OPTIONS = FIXED_LENGTH + COOKIE.length;

// RFC 1542 section 2.1: a BOOTP message has at least 300 bytes, and relays may drop shorter ones.
const MIN_MESSAGE_LENGTH = 300;

/**
 * A BOOTP/DHCP message from a UDP payload (RFC 951, RFC 2131). Malformed only when the fixed part is incomplete; an
 * undecodable option is in the message's own `malformed`, and the options before it are valid. `wireLength` is the
 * length of that payload on the wire: where the capture cut it, the options end with the last whole one.
 */
export function decodeDhcp(bytes: Uint8Array, wireLength = bytes.length): DhcpMessage | Malformed {
  if (bytes.length < FIXED_LENGTH)
    return malformed('dhcp', `the fixed part has ${FIXED_LENGTH} bytes but there are only ${bytes.length}`, bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hlen = view.getUint8(2);
  const cut = wireLength > bytes.length;
  const area = decodeOptionsOf(bytes, cut);
  const trouble =
    hlen > 16
      ? malformed('dhcp', `hardware address length ${hlen} is more than the 16 bytes of chaddr`, bytes, 2)
      : area.malformed;
  return {
    kind: 'dhcp',
    op: view.getUint8(0),
    htype: view.getUint8(1),
    hlen,
    hops: view.getUint8(3),
    xid: view.getUint32(4),
    secs: view.getUint16(8),
    flags: view.getUint16(10),
    ciaddr: ipv4At(bytes, 12),
    yiaddr: ipv4At(bytes, 16),
    siaddr: ipv4At(bytes, 20),
    giaddr: ipv4At(bytes, 24),
    chaddr: macText(bytes.subarray(CHADDR, CHADDR + Math.min(hlen, 16))),
    sname: area.overload & 2 ? '' : decodeTextToNul(bytes.subarray(SNAME, FILE)),
    file: area.overload & 1 ? '' : decodeTextToNul(bytes.subarray(FILE, FIXED_LENGTH)),
    options: area.options,
    length: Math.max(wireLength, bytes.length),
    ...(cut ? { cut } : {}),
    ...(trouble ? { malformed: trouble } : {}),
  };
}

function decodeOptionsOf(bytes: Uint8Array, cut: boolean): ReturnType<typeof decodeDhcpOptions> {
  const cookie = bytes.subarray(FIXED_LENGTH, OPTIONS);
  if (cut && cookie.length < COOKIE.length) return { options: [], overload: 0 };
  if (COOKIE.every((byte, i) => cookie[i] === byte)) {
    return decodeDhcpOptions(bytes, {
      start: OPTIONS,
      cut,
      file: { start: FILE, end: FIXED_LENGTH },
      sname: { start: SNAME, end: FILE },
    });
  }
  // A vendor area of zeros is a plain BOOTP message (RFC 951 section 3); anything else was meant to be options.
  const plain = bytes.length >= OPTIONS && bytes.subarray(FIXED_LENGTH).every((byte) => byte === 0);
  return {
    options: [],
    overload: 0,
    ...(plain
      ? {}
      : {
          malformed: malformed(
            'dhcp',
            `expected the magic cookie 63825363 but got '${hex(cookie)}'`,
            bytes,
            FIXED_LENGTH,
          ),
        }),
  };
}

/** What `encodeDhcp` needs; everything left out is zero, Ethernet or empty. A decoded DhcpMessage is a draft, too. */
export interface DhcpDraft {
  readonly op: number;
  readonly xid: number;
  readonly htype?: number;
  /** Default: the length of chaddr's address. */
  readonly hlen?: number;
  readonly hops?: number;
  readonly secs?: number;
  readonly flags?: number;
  readonly ciaddr?: string;
  readonly yiaddr?: string;
  readonly siaddr?: string;
  readonly giaddr?: string;
  readonly chaddr?: string;
  readonly sname?: string;
  readonly file?: string;
  readonly options: readonly { readonly code: number; readonly data: Uint8Array }[];
}

/**
 * A DHCP message as bytes: options in the given order, those over 255 bytes split (RFC 3396 section 5), end, then zeros
 * up to `padTo` (300 by default, RFC 1542 section 2.1; the reference trace's server pads to 1024).
 */
export function encodeDhcp(draft: DhcpDraft, options: { readonly padTo?: number } = {}): Uint8Array {
  const area = joinBytes([...draft.options.flatMap(splitOption), Uint8Array.of(255)]);
  const bytes = new Uint8Array(Math.max(OPTIONS + area.length, options.padTo ?? MIN_MESSAGE_LENGTH));
  const view = new DataView(bytes.buffer);
  const chaddr = macBytes(draft.chaddr ?? '');
  bytes.set([draft.op, draft.htype ?? 1, draft.hlen ?? chaddr.length, draft.hops ?? 0]);
  view.setUint32(4, draft.xid);
  view.setUint16(8, draft.secs ?? 0);
  view.setUint16(10, draft.flags ?? 0);
  [draft.ciaddr, draft.yiaddr, draft.siaddr, draft.giaddr].forEach((ip, i) =>
    bytes.set(ipv4Bytes(ip ?? '0.0.0.0'), 12 + 4 * i),
  );
  bytes.set(fitting(chaddr, 16, 'chaddr'), CHADDR);
  bytes.set(fitting(encodeText(draft.sname ?? ''), FILE - SNAME, 'sname'), SNAME);
  bytes.set(fitting(encodeText(draft.file ?? ''), FIXED_LENGTH - FILE, 'file'), FILE);
  bytes.set(COOKIE, FIXED_LENGTH);
  bytes.set(area, OPTIONS);
  return bytes;
}

function splitOption(option: { readonly code: number; readonly data: Uint8Array }): Uint8Array[] {
  if (option.code < 1 || option.code > 254)
    throw new EncodeError('dhcp', 'option code', '1 to 254 (pad and end are written by the encoder)', option.code);
  const parts: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < option.data.length; at += 255) {
    const data = option.data.subarray(at, at + 255);
    parts.push(Uint8Array.of(option.code, data.length, ...data));
  }
  return parts;
}

function fitting(value: Uint8Array, limit: number, field: string): Uint8Array {
  if (value.length > limit) throw new EncodeError('dhcp', field, `at most ${limit} bytes`, `${value.length} bytes`);
  return value;
}
