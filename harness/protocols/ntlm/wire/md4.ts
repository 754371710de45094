// RFC 1320. Here because OpenSSL 3 offers MD4 only with its legacy provider; NTLM's password hash is MD4 and nothing
// else.

const SHIFTS = [
  [3, 7, 11, 19],
  [3, 5, 9, 13],
  [3, 9, 11, 15],
] as const;
// Order in which a round takes the words of a block (RFC 1320 section 3.4).
const ORDERS = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
] as const;
// Square roots of 2 and of 3, the additive constants of the second and the third round.
const CONSTANTS = [0, 0x5a827999, 0x6ed9eba1] as const;
const MIXES: readonly ((x: number, y: number, z: number) => number)[] = [
  (x, y, z) => (x & y) | (~x & z),
  (x, y, z) => (x & y) | (x & z) | (y & z),
  (x, y, z) => x ^ y ^ z,
];

/** The MD4 digest, 16 bytes. */
export function md4(message: Uint8Array): Uint8Array {
  const padded = new DataView(new ArrayBuffer(Math.ceil((message.length + 9) / 64) * 64));
  new Uint8Array(padded.buffer).set(message);
  padded.setUint8(message.length, 0x80);
  padded.setBigUint64(padded.byteLength - 8, BigInt(message.length) * 8n, true);
  let state: Words = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < padded.byteLength; at += 64) state = block(padded, at, state);
  const digest = new DataView(new ArrayBuffer(16));
  state.forEach((word, i) => {
    digest.setUint32(i * 4, word, true);
  });
  return new Uint8Array(digest.buffer);
}

type Words = readonly [a: number, b: number, c: number, d: number];

function block(padded: DataView, at: number, before: Words): Words {
  let [a, b, c, d] = before;
  ORDERS.forEach((order, round) => {
    const mix = MIXES[round] ?? (() => 0);
    order.forEach((word, step) => {
      const sum = (a + mix(b, c, d) + padded.getUint32(at + word * 4, true) + (CONSTANTS[round] ?? 0)) | 0;
      const shift = SHIFTS[round]?.[step % 4] ?? 0;
      [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
    });
  });
  return [(before[0] + a) | 0, (before[1] + b) | 0, (before[2] + c) | 0, (before[3] + d) | 0];
}
