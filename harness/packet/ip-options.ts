import { u16 } from './layers.ts';

const END = 0;
const NO_OPERATION = 1;
/** Copied, class 0, number 20 (RFC 2113 section 2.1). */
const ROUTER_ALERT = 148;

/** The options of an IPv4 header (RFC 791 section 3.1) whose bytes these are, a view. */
export function ipv4Options(header: Uint8Array): Uint8Array {
  return header.subarray(20);
}

/**
 * Value of the Router Alert option (RFC 2113): 0 asks every router on the way to look into the packet. Undefined where the
 * options do not have it, or break off before it.
 */
export function routerAlert(options: Uint8Array): number | undefined {
  for (let at = 0; at < options.length; ) {
    const kind = options[at] ?? END;
    if (kind === END) return undefined;
    if (kind === NO_OPERATION) {
      at += 1;
      continue;
    }
    const length = options[at + 1] ?? 0;
    if (length < 2 || at + length > options.length) return undefined;
    if (kind === ROUTER_ALERT && length === 4) return u16(options, at + 2);
    at += length;
  }
  return undefined;
}
