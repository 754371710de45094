import { isMalformed, type Field, type Malformed } from '../../../packet/malformed.ts';
import type { DhcpMessage } from '../wire/message.ts';
import { optionIp, optionText, optionU16s, optionU32 } from '../wire/options.ts';
import { userClasses } from '../wire/user-class.ts';
import { vendorOptionsText } from '../wire/pxe-vendor-text.ts';
import { hasPxeSubOption, PXE_SUB_OPTIONS, pxeVendorOptions } from '../wire/pxe-vendor.ts';

/** A field that decodes; one that does not is `malformedOption`'s to report. */
function sound<T>(field: Field<T>): T | undefined {
  return isMalformed(field) ? undefined : field;
}

/** An option as text up to its first NUL (servers disagree about the terminator, RFC 2132 section 2 wants none). */
function textOf(message: DhcpMessage, code: number): string | undefined {
  return sound(optionText(message, code))?.split('\0', 1)[0];
}

/** Server identifier, option 54 (RFC 2132 section 9.7). */
export const serverIdentifier = (message: DhcpMessage): string | undefined => sound(optionIp(message, 54));

/** Requested address, option 50 (RFC 2132 section 9.1). */
export const requestedAddress = (message: DhcpMessage): string | undefined => sound(optionIp(message, 50));

/** Vendor class identifier, option 60: `PXEClient:Arch:00000:UNDI:002001`. */
export const vendorClass = (message: DhcpMessage): string | undefined => textOf(message, 60);

/** Option 43 in words: PXE's sub-options, or that it is another vendor's. */
export const vendorOptions = (message: DhcpMessage): string | undefined =>
  vendorOptionsText(message, vendorClass(message));

/** User classes, option 77: `iPXE`; several with commas between. */
export const userClass = (message: DhcpMessage): string | undefined => userClasses(message).join(', ') || undefined;

/** Message, option 56: what a server says with its NAK. */
export const serverMessage = (message: DhcpMessage): string | undefined => textOf(message, 56);

/** Lease time in seconds, option 51. */
export const leaseSeconds = (message: DhcpMessage): number | undefined => sound(optionU32(message, 51));

/** Client architecture, option 93, first of the list (RFC 4578 section 2.1). */
export const architecture = (message: DhcpMessage): number | undefined => sound(optionU16s(message, 93))?.[0];

/** The first of the options that these facts are read from which does not decode: a wrong length is not an absence. */
export function malformedOption(message: DhcpMessage): Malformed | undefined {
  return (
    [optionIp(message, 54), optionIp(message, 50), optionU32(message, 51), optionU16s(message, 93)].find(isMalformed) ??
    // Of any other vendor class, option 43 has that vendor's format (RFC 2132 section 8.4).
    (vendorClass(message)?.startsWith('PXEClient') ? pxeVendorOptions(message)?.malformed : undefined)
  );
}

/** The codes of a message's options in wire order, for a reader who compares two servers: `53 54 51 60 67`. */
export function optionCodes(message: DhcpMessage): string {
  return message.options.map((option) => option.code).join(' ');
}

/** Boot file: option 67 when present, else the `file` field (RFC 2132 section 9.5). */
export function bootFile(message: DhcpMessage): string {
  return textOf(message, 67) ?? message.file;
}

/** The `file` field when it names another file than option 67: clients differ in which of them they take. */
export function otherFile(message: DhcpMessage): string | undefined {
  const option = textOf(message, 67);
  return option === undefined || message.file === '' || message.file === option ? undefined : message.file;
}

/**
 * Where the boot file is: siaddr, else option 66; empty when the message says neither (harness/docs/protocols.md 1.2).
 */
export function nextServer(message: DhcpMessage): string {
  return message.siaddr === '0.0.0.0' ? (textOf(message, 66) ?? '') : message.siaddr;
}

/** Whether firmware (or a network boot program) asked, and not the system that was booted. */
export function isFirmwareClass(value: string | number | boolean | undefined): boolean {
  return typeof value === 'string' && /^(PXE|HTTP)Client/.test(value);
}

/**
 * Whether option 43 carries a boot server list or a menu, which the client may follow instead of a boot file. One that
 * is cut short counts: it is there, and `malformedOption` reports it.
 */
export function hasBootServerMenu(message: DhcpMessage): boolean {
  return hasPxeSubOption(message, PXE_SUB_OPTIONS.bootServers, PXE_SUB_OPTIONS.bootMenu);
}
