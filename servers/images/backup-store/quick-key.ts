import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

// restic makes deriving the key of a store last half a second (scrypt) on the host that makes it, for each command anew, and has no
// option for that. In a VM without acceleration it lasts 5 s, several times in each backup. A store that ends with its lab, whose
// password stands in the scenario, gets the same master key under a key that costs a millisecond.
// Format: restic's design document, "Repository Format" and "Keys, Encryption and MAC".

/** A file in `keys`. */
interface KeyFile {
  readonly kdf: 'scrypt';
  readonly N: number;
  readonly r: number;
  readonly p: number;
  /** Base64. */
  readonly salt: string;
  /** Base64: nonce, encrypted master key, MAC. */
  readonly data: string;
}

const NONCE_BYTES = 16;
const MAC_BYTES = 16;

/** Replaces the key of a new store by one for the same password that is derived at once. */
export async function makeKeyQuick(folder: string, password: string): Promise<void> {
  const keys = path.join(folder, 'keys');
  const [name = ''] = await readdir(keys);
  const file = JSON.parse(await readFile(path.join(keys, name), 'utf8')) as KeyFile;
  const data = Buffer.from(file.data, 'base64');
  const nonce = data.subarray(0, NONCE_BYTES);
  const master = createDecipheriv('aes-256-ctr', derived(file, password).encryption, nonce).update(
    data.subarray(NONCE_BYTES, -MAC_BYTES),
  );
  const quick = { ...file, N: 2, r: 8, p: 1, salt: randomBytes(64).toString('base64') };
  const text = JSON.stringify({ ...quick, data: sealed(master, derived(quick, password)).toString('base64') });
  await writeFile(path.join(keys, createHash('sha256').update(text).digest('hex')), text, { mode: 0o400 });
  await rm(path.join(keys, name), { force: true });
}

interface Derived {
  readonly encryption: Buffer;
  readonly macCipher: Buffer;
  readonly macR: Buffer;
}

function derived({ N, r, p, salt }: Omit<KeyFile, 'data'>, password: string): Derived {
  const bytes = scryptSync(password, Buffer.from(salt, 'base64'), 64, { N, r, p, maxmem: 2 ** 28 });
  return { encryption: bytes.subarray(0, 32), macCipher: bytes.subarray(32, 48), macR: bytes.subarray(48, 64) };
}

function sealed(content: Buffer, { encryption, macCipher, macR }: Derived): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const encrypted = createCipheriv('aes-256-ctr', encryption, nonce).update(content);
  const pad = createCipheriv('aes-128-ecb', macCipher, null).setAutoPadding(false).update(nonce);
  return Buffer.concat([nonce, encrypted, poly1305(encrypted, macR, pad)]);
}

const littleEndian = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

/** RFC 8439, 2.5. */
function poly1305(message: Buffer, r: Buffer, pad: Buffer): Buffer {
  const clamped = littleEndian(r) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  const prime = 2n ** 130n - 5n;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16)
    sum = ((sum + littleEndian(Buffer.concat([message.subarray(at, at + 16), Buffer.of(1)]))) * clamped) % prime;
  const tag = (sum + littleEndian(pad)) % 2n ** 128n;
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').reverse();
}
