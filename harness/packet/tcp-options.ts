import { malformed, type Malformed } from './malformed.ts';
import { u16, u32 } from './layers.ts';

/** TCP options that explain throughput (RFC 9293 section 3.1, RFC 7323, RFC 2018). */
export interface TcpOptions {
  readonly mss?: number;
  readonly windowScale?: number;
  readonly sackPermitted?: true;
  readonly timestamps?: { readonly value: number; readonly echo: number };
  readonly malformed?: Malformed;
}

/** Reads `TcpLayer.options`. */
export function tcpOptions(bytes: Uint8Array): TcpOptions {
  let options: TcpOptions = {};
  let at = 0;
  while (at < bytes.length) {
    const kind = bytes[at] ?? 0;
    if (kind === 0) return options;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > bytes.length)
      return {
        ...options,
        malformed: malformed('tcp', `option ${kind} claims ${length} bytes but ${bytes.length - at} remain`, bytes, at),
      };
    if (kind === 2 && length === 4) options = { ...options, mss: u16(bytes, at + 2) };
    else if (kind === 3 && length === 3) options = { ...options, windowScale: bytes[at + 2] ?? 0 };
    else if (kind === 4 && length === 2) options = { ...options, sackPermitted: true };
    else if (kind === 8 && length === 10)
      options = { ...options, timestamps: { value: u32(bytes, at + 2), echo: u32(bytes, at + 6) } };
    at += length;
  }
  return options;
}
