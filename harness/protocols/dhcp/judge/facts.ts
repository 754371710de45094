import type { DhcpMessage } from '../wire/message.ts';

/** The payload of an option, repeats concatenated in wire order (RFC 3396); undefined when absent. */
function optionBytes(message: DhcpMessage, code: number): Uint8Array | undefined {
  const parts = message.options.filter((option) => option.code === code).map((option) => option.data);
  if (parts.length === 0) return undefined;
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** An option as text up to its first NUL (servers disagree about the terminator, RFC 2132 section 2 wants none). */
function optionText(message: DhcpMessage, code: number): string | undefined {
  const bytes = optionBytes(message, code);
  if (!bytes) return undefined;
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end));
}

/** An option as an IPv4 address; undefined when absent or not four bytes. */
function optionAddress(message: DhcpMessage, code: number): string | undefined {
  const bytes = optionBytes(message, code);
  return bytes?.length === 4 ? bytes.join('.') : undefined;
}

/** Server identifier, option 54 (RFC 2132 section 9.7). */
export const serverIdentifier = (message: DhcpMessage): string | undefined => optionAddress(message, 54);

/** Requested address, option 50 (RFC 2132 section 9.1). */
export const requestedAddress = (message: DhcpMessage): string | undefined => optionAddress(message, 50);

/** Vendor class identifier, option 60: `PXEClient:Arch:00000:UNDI:002001`. */
export const vendorClass = (message: DhcpMessage): string | undefined => optionText(message, 60);

/** Message, option 56: what a server says with its NAK. */
export const serverMessage = (message: DhcpMessage): string | undefined => optionText(message, 56);

/** Lease time in seconds, option 51. */
export function leaseSeconds(message: DhcpMessage): number | undefined {
  const bytes = optionBytes(message, 51);
  return bytes?.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) : undefined;
}

/** Client architecture, option 93, first of the list (RFC 4578 section 2.1). */
export function architecture(message: DhcpMessage): number | undefined {
  const bytes = optionBytes(message, 93);
  return bytes && bytes.length >= 2 ? ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0) : undefined;
}

/** The codes of a message's options in wire order, for a reader who compares two servers: `53 54 51 60 67`. */
export function optionCodes(message: DhcpMessage): string {
  return message.options.map((option) => option.code).join(' ');
}

/** Boot file: option 67 when present, else the `file` field (RFC 2132 section 9.5). */
export function bootFile(message: DhcpMessage): string {
  return optionText(message, 67) ?? message.file;
}

/** The `file` field when it names another file than option 67: clients differ in which of them they take. */
export function otherFile(message: DhcpMessage): string | undefined {
  const option = optionText(message, 67);
  return option === undefined || message.file === '' || message.file === option ? undefined : message.file;
}

/**
 * Where the boot file is: siaddr, else option 66; empty when the message says neither (harness/docs/protocols.md 1.2).
 */
export function nextServer(message: DhcpMessage): string {
  return message.siaddr === '0.0.0.0' ? (optionText(message, 66) ?? '') : message.siaddr;
}

/** Whether firmware (or a network boot program) asked, and not the system that was booted. */
export function isFirmwareClass(value: string | number | boolean | undefined): boolean {
  return typeof value === 'string' && /^(PXE|HTTP)Client/.test(value);
}

/**
 * Whether option 43 carries a boot server list (8) or a menu (9), which the client may follow instead of a boot file.
 */
export function hasBootServerMenu(message: DhcpMessage): boolean {
  const bytes = optionBytes(message, 43) ?? new Uint8Array();
  for (let at = 0; at < bytes.length; ) {
    const code = bytes[at] ?? 255;
    if (code === 255) break;
    if (code === 8 || code === 9) return true;
    at += code === 0 ? 1 : 2 + (bytes[at + 1] ?? 0);
  }
  return false;
}
