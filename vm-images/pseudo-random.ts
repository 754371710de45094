import { createCipheriv, createHash } from 'node:crypto';

/** Bytes that look random and are the same on every host: AES-128 in counter mode over zeros, keyed by `seed`. */
export function pseudoRandomBytes(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}
