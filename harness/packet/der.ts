import { malformed, type Malformed } from './malformed.ts';

/** One element of DER (X.690): its tag byte, and a view of its content. */
export interface DerElement {
  readonly tag: number;
  readonly headerLength: number;
  readonly content: Uint8Array;
  /** Header and content. */
  readonly length: number;
}

/** The element at `at`. Single-byte tags and definite lengths of up to four bytes: all that DER in SPNEGO needs. */
export function derElement(bytes: Uint8Array, at: number): DerElement | Malformed {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined)
    return malformed(
      'der',
      `an element needs a tag and a length but only ${Math.max(0, bytes.length - at)} bytes remain`,
      bytes,
      Math.min(at, bytes.length),
    );
  if ((tag & 0x1f) === 0x1f) return malformed('der', `tag 0x${tag.toString(16)} has more than one byte`, bytes, at);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 4)
    return malformed('der', `length form 0x${first.toString(16)} is indefinite or longer than four bytes`, bytes, at);
  const headerLength = 2 + lengthBytes;
  let length = lengthBytes === 0 ? first : 0;
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0);
  const remaining = bytes.length - at - headerLength;
  if (length > remaining)
    return malformed(
      'der',
      `tag 0x${tag.toString(16)} claims ${length} bytes but only ${Math.max(0, remaining)} remain`,
      bytes,
      at,
    );
  return {
    tag,
    headerLength,
    content: bytes.subarray(at + headerLength, at + headerLength + length),
    length: headerLength + length,
  };
}

/** The elements inside a constructed one, up to the first that does not decode. */
export function derChildren(element: DerElement): DerElement[] {
  const children: DerElement[] = [];
  for (let at = 0; at < element.content.length; ) {
    const child = derElement(element.content, at);
    if ('kind' in child) return children;
    children.push(child);
    at += child.length;
  }
  return children;
}

/** Dotted text of an OBJECT IDENTIFIER's content (X.690 section 8.19): base 128, first two arcs in one number. */
export function objectIdentifier(content: Uint8Array): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (arcs.length === 0)
      arcs.push(Math.min(Math.floor(value / 40), 2), value - 40 * Math.min(Math.floor(value / 40), 2));
    else arcs.push(value);
    value = 0;
  }
  return arcs.join('.');
}
