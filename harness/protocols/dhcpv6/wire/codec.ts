import { Cursor } from '../../../packet/cursor.ts';
import { isMalformed, malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeText } from '../../../packet/text.ts';
import { FIRST_RELAY_TYPE } from './types.ts';

/** Options that say something of a boot (RFC 8415 section 21, RFC 5970 section 3). */
const OPTION = { vendorClass: 16, bootFileUrl: 59, architecture: 61 } as const;
/** Type 1, transaction id 3 (RFC 8415 section 8). */
const HEADER_LENGTH = 4;

/** A message between client and server, as far as it shows a boot. */
export interface Dhcpv6Message {
  readonly kind: 'dhcpv6';
  readonly type: number;
  readonly transaction: number;
  /** Option 61, first of the list. */
  readonly architecture: number | undefined;
  /** Option 16, data of the first class: `PXEClient:Arch:00007:UNDI:003001`. */
  readonly vendorClass: string | undefined;
  /** Option 59: `tftp://[fd77::1]/snponly.efi`. */
  readonly bootFileUrl: string | undefined;
}

/** Decodes a message of a client or a server (RFC 8415 section 8); a relay's message has another header. */
export function decodeDhcpv6(bytes: Uint8Array): Dhcpv6Message | Malformed {
  const [type = 0] = bytes;
  if (type >= FIRST_RELAY_TYPE) return malformed('dhcpv6', `type ${type} is a relay’s, or unknown`, bytes);
  const cursor = new Cursor(bytes, 'dhcpv6');
  const head = cursor.u32be('type and transaction id');
  const found = new Map<number, Uint8Array>();
  while (cursor.remaining > 0) {
    const code = cursor.u16be('option code');
    const data = cursor.take(cursor.u16be('option length'), `option ${code}`);
    if (!found.has(code)) found.set(code, data);
  }
  if (cursor.failure) return cursor.failure;
  const vendorClass = vendorClassOf(found.get(OPTION.vendorClass));
  if (isMalformed(vendorClass)) return vendorClass;
  const [high, low] = found.get(OPTION.architecture) ?? [];
  const url = found.get(OPTION.bootFileUrl);
  return {
    kind: 'dhcpv6',
    type,
    transaction: head & 0xff_ffff,
    architecture: high === undefined || low === undefined ? undefined : (high << 8) | low,
    vendorClass,
    bootFileUrl: url && decodeText(url),
  };
}

/** Enterprise number 4, then classes with a length of 2 bytes each (RFC 8415 section 21.16). */
function vendorClassOf(data: Uint8Array | undefined): string | undefined | Malformed {
  if (data === undefined) return undefined;
  const cursor = new Cursor(data, 'dhcpv6', HEADER_LENGTH);
  const text = decodeText(cursor.take(cursor.u16be('vendor class length'), 'vendor class'));
  return cursor.failure ?? text;
}
