const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf16 = new TextDecoder('utf-16le', { ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Text from the wire: UTF-8 where the bytes are valid UTF-8, else one character a byte (Latin-1). It never fails, and
 * it reverses `encodeText`. The RFCs say NETASCII, but file names on real servers are not limited to it.
 */
export function decodeText(bytes: Uint8Array): string {
  if (isAscii(bytes)) return latin1(bytes);
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1(bytes);
  }
}

/** Text for the wire, UTF-8. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Text up to the first NUL, or all of it. */
export function decodeTextToNul(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  return decodeText(nul < 0 ? bytes : bytes.subarray(0, nul));
}

/** Text without the NULs at its end, which RFC 2132 section 2 asks DHCP receivers to drop; dnsmasq sends one. */
export function decodeTextTrimmed(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return decodeText(bytes.subarray(0, end));
}

/** UTF-16LE text as Windows protocols carry it; an odd last byte and lone surrogates become U+FFFD. */
export function decodeUtf16(bytes: Uint8Array): string {
  return utf16.decode(bytes);
}

/** UTF-16LE text up to the first NUL character, or all of it. */
export function decodeUtf16ToNul(bytes: Uint8Array): string {
  const text = decodeUtf16(bytes);
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

/** UTF-16LE bytes of a text, without a terminator. */
export function encodeUtf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), true);
  return bytes;
}

/** Lowercase hexadecimal without separators. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte] ?? '';
  return text;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A number as `0x` and at least `digits` hexadecimal digits, the way specifications print codes. */
export function hexNumber(value: number | bigint, digits = 8): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function isAscii(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte > 0x7f) return false;
  return true;
}

// In pieces: String.fromCharCode takes its arguments on the stack, and hostile input may be megabytes.
function latin1(bytes: Uint8Array): string {
  if (bytes.length <= 4096) return String.fromCharCode(...bytes);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}
