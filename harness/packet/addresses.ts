import { EncodeError } from './encode-error.ts';
import { hex } from './text.ts';

/** Dotted quad of the four bytes at `offset`; `0.0.0.0` when `bytes` ends before them. */
export function ipv4At(bytes: Uint8Array, offset = 0): string {
  return `${bytes[offset] ?? 0}.${bytes[offset + 1] ?? 0}.${bytes[offset + 2] ?? 0}.${bytes[offset + 3] ?? 0}`;
}

/** The four bytes of a dotted quad. */
export function ipv4Bytes(ip: string): Uint8Array {
  const parts = ip.split('.');
  const numbers = parts.map(Number);
  const fits = parts.length === 4 && parts.every((part, i) => /^\d{1,3}$/.test(part) && (numbers[i] ?? 256) <= 255);
  if (!fits) throw new EncodeError('ip', 'address', 'four numbers of 0 to 255 with dots between', ip);
  return Uint8Array.from(numbers);
}

/** A hardware address of any length: lowercase hexadecimal with colons. */
export function macText(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += (i === 0 ? '' : ':') + hex(bytes.subarray(i, i + 1));
  return text;
}

/** The bytes of a hardware address written with colons or dashes; empty for an empty text. */
export function macBytes(mac: string): Uint8Array {
  if (mac === '') return new Uint8Array(0);
  const parts = mac.split(/[:-]/);
  if (!parts.every((part) => /^[0-9a-f]{2}$/i.test(part)))
    throw new EncodeError('ethernet', 'address', 'pairs of hexadecimal digits with colons between', mac);
  return Uint8Array.from(parts, (part) => parseInt(part, 16));
}

/** IPv6 text of the 16 bytes at `offset`, shortened as RFC 5952 section 4 wants it. */
export function ipv6At(bytes: Uint8Array, offset = 0): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[offset + i] ?? 0) << 8) | (bytes[offset + i + 1] ?? 0));
  const { start, length } = longestZeroRun(groups);
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  // A single zero group is written out (RFC 5952 section 4.2.2).
  return length < 2 ? text(0, 8) : `${text(0, start)}::${text(start + length, 8)}`;
}

/** The 16 bytes of an IPv6 text, without a zone and without dotted parts (RFC 4291 section 2.2 forms 1 and 2). */
export function ipv6Bytes(ip: string): Uint8Array {
  const halves = ip.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const written = halves.flat();
  const missing = 8 - written.length;
  const isWhole = halves.length === 1 ? missing === 0 : halves.length === 2 && missing > 0;
  if (!isWhole || !written.every((group) => /^[0-9a-f]{1,4}$/i.test(group)))
    throw new EncodeError('ipv6', 'address', 'eight groups of hexadecimal digits, or fewer with one “::”', ip);
  const [head = [], tail = []] = halves;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail].map((group) => parseInt(group, 16));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = -1;
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === 0) {
      if (start < 0) start = i;
    } else if (start >= 0) {
      if (i - start > best.length) best = { start, length: i - start };
      start = -1;
    }
  }
  return best;
}

/** Mixed-endian GUID text (RFC 4122 string of Microsoft's and EFI's byte order: first three fields little-endian). */
export function guidAt(bytes: Uint8Array, offset = 0): string {
  const part = (from: number, to: number): string => hex(bytes.subarray(offset + from, offset + to));
  // A Buffer's slice() is no copy: what is reversed in place would be turned round in the frame.
  const swapped = (from: number, to: number): string => hex(bytes.subarray(offset + from, offset + to).toReversed());
  return `${swapped(0, 4)}-${swapped(4, 6)}-${swapped(6, 8)}-${part(8, 10)}-${part(10, 16)}`;
}

/** The 16 bytes of a GUID text in the byte order of `guidAt`. */
export function guidBytes(guid: string): Uint8Array {
  const digits = guid.replaceAll(/[{}-]/g, '');
  if (!/^[0-9a-f]{32}$/i.test(digits)) throw new EncodeError('guid', 'text', '32 hexadecimal digits', guid);
  const raw = Uint8Array.from({ length: 16 }, (_, i) => parseInt(digits.slice(i * 2, i * 2 + 2), 16));
  return Uint8Array.of(
    ...raw.slice(0, 4).reverse(),
    ...raw.slice(4, 6).reverse(),
    ...raw.slice(6, 8).reverse(),
    ...raw.slice(8),
  );
}
