/** AuthIP's main mode: a header of exchange type 243 and nothing in it (RFC 2408 section 3.1, MS-AIPS section 2.2.1). */
export function authIpBytes(): Uint8Array {
  const bytes = new Uint8Array(28);
  bytes.fill(6, 0, 8);
  bytes.set([0x10, 243], 17);
  bytes[27] = bytes.length;
  return bytes;
}
