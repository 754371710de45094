import { joinBytes } from '../../../packet/bytes.ts';
import type { DhcpOption } from './message.ts';
import { EncodeError } from '../../../packet/encode-error.ts';
import { malformed, type Malformed } from '../../../packet/malformed.ts';

/**
 * Options inside an option (RFC 2132 section 8.4): code, length, data; 0 pads and 255 ends, both without a length. It
 * has the shape that the views of options.ts read: `optionU8(subOptions, 6)`.
 */
export interface SubOptions {
  readonly options: readonly DhcpOption[];
  /** Set when decoding stopped early; everything before it is valid. */
  readonly malformed?: Malformed;
}

/**
 * Sub-options of an encapsulating option's payload; offsets count from its start. The end mark may be missing: the
 * length ends it, too.
 */
export function decodeSubOptions(bytes: Uint8Array, protocol = 'dhcp'): SubOptions {
  const options: DhcpOption[] = [];
  let at = 0;
  while (at < bytes.length) {
    const code = bytes[at] ?? 255;
    if (code === 255) break;
    if (code === 0) {
      at++;
      continue;
    }
    const length = bytes[at + 1];
    const remaining = bytes.length - at - 2;
    if (length === undefined)
      return { options, malformed: malformed(protocol, `sub-option ${code} has no length byte`, bytes, at) };
    if (length > remaining)
      return {
        options,
        malformed: malformed(
          protocol,
          `sub-option ${code} claims ${length} bytes but only ${remaining} remain`,
          bytes,
          at,
        ),
      };
    options.push({ code, offset: at, data: bytes.subarray(at + 2, at + 2 + length) });
    at += 2 + length;
  }
  return { options };
}

/** Payload of an encapsulating option, ended by 255 (iPXE and EDK2 both write it). */
export function encodeSubOptions(options: readonly { readonly code: number; readonly data: Uint8Array }[]): Uint8Array {
  const parts = options.map(({ code, data }) => {
    if (code < 1 || code > 254) throw new EncodeError('dhcp', 'sub-option code', '1 to 254', code);
    if (data.length > 255)
      throw new EncodeError('dhcp', `sub-option ${code}`, 'at most 255 bytes', `${data.length} bytes`);
    return Uint8Array.of(code, data.length, ...data);
  });
  return joinBytes([...parts, Uint8Array.of(255)]);
}
