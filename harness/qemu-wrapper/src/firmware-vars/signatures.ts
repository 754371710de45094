import { createHash, X509Certificate } from 'node:crypto';
import { MalformedError, Reader } from './bytes.ts';

/** One key or hash of PK, KEK, db or dbx (UEFI 2.10 section 32.4.1). */
export interface Signature {
  readonly kind: 'certificate' | 'sha256' | 'other';
  /** GUID of who put it there. */
  readonly owner: string;
  /** A certificate's subject in one line; a hash in hex; else the GUID of its type. */
  readonly text: string;
  readonly data: Uint8Array;
}

const KINDS: Readonly<Record<string, Signature['kind']>> = {
  'a5c059a1-94e4-4aa7-87b5-ab155c2bf072': 'certificate',
  'c1c41626-504c-4092-aca9-41f936934328': 'sha256',
};
const LIST_HEADER_BYTES = 28;
const OWNER_BYTES = 16;

/** The signatures of all lists of a variable. Throws MalformedError. */
export function decodeSignatures(bytes: Uint8Array): readonly Signature[] {
  const read = new Reader(bytes);
  const signatures: Signature[] = [];
  while (read.left > 0) {
    const at = read.at;
    const type = read.guid('the type of a signature list');
    const [listSize, headerSize, size] = [
      read.u32('its size'),
      read.u32('the size of its header'),
      read.u32('the size of its signatures'),
    ];
    const room = listSize - LIST_HEADER_BYTES - headerSize;
    if (size <= OWNER_BYTES || room < 0 || room % size !== 0)
      throw new MalformedError(`the signature list at offset ${at} has ${room} bytes for signatures of ${size}`);
    read.bytes(headerSize, 'the header of a signature list');
    for (let count = room / size; count > 0; count--) {
      const owner = read.guid('the owner of a signature');
      const data = read.bytes(size - OWNER_BYTES, 'a signature');
      const kind = KINDS[type] ?? 'other';
      signatures.push({ kind, owner, data, text: textOf(kind, data, type) });
    }
  }
  return signatures;
}

function textOf(kind: Signature['kind'], data: Uint8Array, type: string): string {
  if (kind === 'sha256') return Buffer.from(data).toString('hex');
  return kind === 'certificate' ? subjectOf(data) : `type ${type}`;
}

function subjectOf(der: Uint8Array): string {
  try {
    return new X509Certificate(der).subject.replaceAll('\n', ', ');
  } catch {
    return `a certificate that cannot be read, SHA-256 ${createHash('sha256').update(der).digest('hex')}`;
  }
}
