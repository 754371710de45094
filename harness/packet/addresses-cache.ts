import { hex } from './text.ts';

// Texts of addresses, made once: a boot's capture has a handful of addresses and tens of thousands of frames.
// Bounded, so that a flood of random addresses costs time and no memory.
const LIMIT = 4096;
const macs = new Map<number, string>();
const ips = new Map<number, string>();

/** Text of the hardware address at `at`, e.g. `52:54:00:12:34:56`. The six bytes must be there. */
export function macTextAt(bytes: Uint8Array, at: number): string {
  const key = macNumberAt(bytes, at);
  const known = macs.get(key);
  if (known !== undefined) return known;
  return remember(macs, key, (hex(bytes.subarray(at, at + 6)).match(/../g) ?? []).join(':'));
}

/** The hardware address at `at` as a number. The six bytes must be there. */
export function macNumberAt(bytes: Uint8Array, at: number): number {
  // 48 bits: exact in a double, not in the 32 bits of the shift operators.
  return u24(bytes, at) * 0x1000000 + u24(bytes, at + 3);
}

/** Dotted quad of an IPv4 address given as an unsigned number. */
export function ipv4Text(address: number): string {
  const known = ips.get(address);
  if (known !== undefined) return known;
  return remember(
    ips,
    address,
    `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`,
  );
}

function remember(cache: Map<number, string>, key: number, text: string): string {
  if (cache.size >= LIMIT) cache.clear();
  cache.set(key, text);
  return text;
}

const u24 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
