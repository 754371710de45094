import type { DhcpOption } from './message.ts';
import { malformed, type Malformed } from '../../../packet/malformed.ts';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Options of a message in wire order, with what the overload option (52) said: 1 file, 2 sname, 3 both. */
export interface OptionsArea {
  readonly options: readonly DhcpOption[];
  readonly overload: number;
  readonly malformed?: Malformed;
}

/**
 * The options after the magic cookie, then those in `file`, then those in `sname` when option 52 says that these fields
 * hold options (RFC 2131 section 4.1, RFC 2132 section 9.3). Stops at the first option that does not fit. `cut`: the
 * capture ends before the message does.
 */
export function decodeDhcpOptions(
  bytes: Uint8Array,
  area: { readonly start: number; readonly file: Range; readonly sname: Range; readonly cut?: boolean },
): OptionsArea {
  const options: DhcpOption[] = [];
  let trouble = readOptions(bytes, { start: area.start, end: bytes.length }, 'options', options);
  if (area.cut) trouble = undefined;
  const overload = options.find((option) => option.code === 52)?.data[0] ?? 0;
  if (!trouble && overload & 1) trouble = readOptions(bytes, area.file, 'options in the file field', options);
  if (!trouble && overload & 2) trouble = readOptions(bytes, area.sname, 'options in the sname field', options);
  return { options, overload: overload & 3, ...(trouble ? { malformed: trouble } : {}) };
}

function readOptions(bytes: Uint8Array, range: Range, title: string, into: DhcpOption[]): Malformed | undefined {
  let at = range.start;
  while (at < range.end) {
    const code = bytes[at] ?? 255;
    if (code === 255) return undefined;
    if (code === 0) {
      at++;
      continue;
    }
    if (at + 1 >= range.end) return malformed('dhcp', `option ${code} has no length byte`, bytes, at);
    const length = bytes[at + 1] ?? 0;
    const remaining = range.end - at - 2;
    if (length > remaining)
      return malformed('dhcp', `option ${code} claims ${length} bytes but only ${remaining} remain`, bytes, at);
    into.push({ code, offset: at, data: bytes.subarray(at + 2, at + 2 + length) });
    at += 2 + length;
  }
  // RFC 2131 section 4.1: the last option must always be end. What came before it is valid nevertheless.
  return malformed('dhcp', `${title} stop without option 255 (end)`, bytes, range.end);
}
