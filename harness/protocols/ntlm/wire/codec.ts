import { Cursor } from '../../../packet/cursor.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import { decodeText, decodeUtf16 } from '../../../packet/text.ts';

// MS-NLMP section 2.2.1. A message is itself the frame of reference of its descriptors' offsets.

/** NegotiateFlags (MS-NLMP section 2.2.2.5), those that boots are judged by. */
export const NTLM_FLAGS = {
  unicode: 0x1,
  oem: 0x2,
  requestTarget: 0x4,
  sign: 0x10,
  seal: 0x20,
  ntlm: 0x200,
  anonymous: 0x800,
  alwaysSign: 0x8000,
  targetTypeDomain: 0x10000,
  targetTypeServer: 0x20000,
  extendedSessionSecurity: 0x80000,
  targetInfo: 0x800000,
  version: 0x2000000,
  key128: 0x20000000,
  keyExchange: 0x40000000,
  key56: 0x80000000,
} as const;

/** One attribute of the target information (MS-NLMP section 2.2.2.1). */
export interface AvPair {
  readonly id: number;
  /** e.g. `nb-domain`, or `av-15` for an unassigned id. */
  readonly name: string;
  /** Of the text attributes. */
  readonly text?: string;
  readonly data: Uint8Array;
}

export interface NtlmNegotiate {
  readonly kind: 'ntlm';
  readonly type: 1;
  readonly flags: number;
  readonly domain: string;
  readonly workstation: string;
}

export interface NtlmChallenge {
  readonly kind: 'ntlm';
  readonly type: 2;
  readonly flags: number;
  readonly targetName: string;
  readonly serverChallenge: Uint8Array;
  readonly targetInfo: readonly AvPair[];
}

export interface NtlmAuthenticate {
  readonly kind: 'ntlm';
  readonly type: 3;
  readonly flags: number;
  readonly domain: string;
  readonly user: string;
  readonly workstation: string;
  /** No user and no response to the challenge: a null session (MS-NLMP section 3.2.5.1.2). */
  readonly anonymous: boolean;
  readonly lmResponse: Uint8Array;
  /** 24 bytes for NTLMv1, more for NTLMv2 (MS-NLMP section 2.2.2.8). */
  readonly ntResponse: Uint8Array;
  readonly encryptedSessionKey: Uint8Array;
}

export type NtlmMessage = NtlmNegotiate | NtlmChallenge | NtlmAuthenticate;

/** What every NTLMSSP message begins with. */
export const NTLM_SIGNATURE = 'NTLMSSP\0';

/** Whether bytes begin with the NTLMSSP signature. */
export function isNtlm(bytes: Uint8Array): boolean {
  return (
    bytes.length >= NTLM_SIGNATURE.length && decodeText(bytes.subarray(0, NTLM_SIGNATURE.length)) === NTLM_SIGNATURE
  );
}

/** An NTLMSSP message of type 1, 2 or 3. A descriptor that points outside the message makes it malformed. */
export function decodeNtlm(bytes: Uint8Array): NtlmMessage | Malformed {
  const cursor = new Cursor(bytes, 'ntlm');
  const signature = cursor.take(NTLM_SIGNATURE.length, 'signature');
  const type = cursor.u32le('message type');
  if (cursor.failure) return cursor.failure;
  if (!isNtlm(signature)) return cursor.fail('expected the signature NTLMSSP', 0);
  const decode = DECODERS[type];
  if (!decode) return cursor.fail(`message type must be 1, 2 or 3, got ${type}`, 8);
  return whole(cursor, decode(cursor));
}

const DECODERS: Readonly<Record<number, ((cursor: Cursor) => NtlmMessage) | undefined>> = {
  1: decodeNegotiate,
  2: decodeChallenge,
  3: decodeAuthenticate,
};

function whole(cursor: Cursor, decoded: NtlmMessage): NtlmMessage | Malformed {
  return cursor.failure ?? decoded;
}

// Domain and workstation of a NEGOTIATE are always in the OEM character set (MS-NLMP section 2.2.1.1). Old clients stop
// after the flags.
function decodeNegotiate(cursor: Cursor): NtlmNegotiate {
  const flags = cursor.u32le('flags');
  if (cursor.remaining === 0) return { kind: 'ntlm', type: 1, flags, domain: '', workstation: '' };
  return {
    kind: 'ntlm',
    type: 1,
    flags,
    domain: decodeText(described(cursor, 'domain')),
    workstation: decodeText(described(cursor, 'workstation')),
  };
}

function decodeChallenge(cursor: Cursor): NtlmChallenge {
  const targetName = described(cursor, 'target name');
  const flags = cursor.u32le('flags');
  const serverChallenge = cursor.take(8, 'server challenge');
  // What follows came with TARGET_INFO; NT 4 stops here.
  const hasInfo = cursor.remaining > 0;
  if (hasInfo) cursor.skip(8, 'reserved');
  const targetInfo = hasInfo ? decodeAvPairs(cursor, described(cursor, 'target information')) : [];
  return { kind: 'ntlm', type: 2, flags, targetName: text(targetName, flags), serverChallenge, targetInfo };
}

function decodeAuthenticate(cursor: Cursor): NtlmAuthenticate {
  const lmResponse = described(cursor, 'LM response');
  const ntResponse = described(cursor, 'NT response');
  const domain = described(cursor, 'domain');
  const user = described(cursor, 'user');
  const workstation = described(cursor, 'workstation');
  const encryptedSessionKey = described(cursor, 'session key');
  const flags = cursor.u32le('flags');
  const anonymous = (flags & NTLM_FLAGS.anonymous) !== 0 || (user.length === 0 && ntResponse.length === 0);
  return {
    kind: 'ntlm',
    type: 3,
    flags,
    domain: text(domain, flags),
    user: text(user, flags),
    workstation: text(workstation, flags),
    anonymous,
    lmResponse,
    ntResponse,
    encryptedSessionKey,
  };
}

/**
 * A descriptor (length, maximum, offset) read here, and the bytes that it points at; an empty one may point anywhere.
 */
function described(cursor: Cursor, what: string): Uint8Array {
  const length = cursor.u16le(`${what} length`);
  cursor.skip(2, `${what} maximum length`);
  const offset = cursor.u32le(`${what} offset`);
  return length === 0 ? cursor.bytes.subarray(0, 0) : cursor.slice(offset, length, what);
}

const text = (bytes: Uint8Array, flags: number): string =>
  flags & NTLM_FLAGS.unicode ? decodeUtf16(bytes) : decodeText(bytes);

const AV_NAMES = [
  'eol',
  'nb-host',
  'nb-domain',
  'dns-host',
  'dns-domain',
  'dns-tree',
  'flags',
  'timestamp',
  'single-host',
  'target-name',
  'channel-bindings',
];
const AV_TEXTS = new Set([1, 2, 3, 4, 5, 9]);

// Of an NTLMv2 response (MS-NLMP section 2.2.2.8): 16 bytes of proof, 28 of the client's challenge structure,
// attributes.
const RESPONSE_ATTRIBUTES = 44;

/** MsvAvFlags that a client put into its NTLMv2 response; zero when there are none, or another kind of response. */
export function ntlmAvFlags({ ntResponse }: NtlmAuthenticate): number {
  if (ntResponse.length <= RESPONSE_ATTRIBUTES) return 0;
  const flags = decodeAvPairs(new Cursor(ntResponse, 'ntlm'), ntResponse.subarray(RESPONSE_ATTRIBUTES)).find(
    ({ name }) => name === 'flags',
  );
  return flags?.data.length === 4 ? new Cursor(flags.data, 'ntlm').u32le('flags') : 0;
}

function decodeAvPairs(cursor: Cursor, bytes: Uint8Array): AvPair[] {
  const pairs: AvPair[] = [];
  const info = new Cursor(bytes, 'ntlm');
  while (info.remaining > 0) {
    const id = info.u16le('attribute id');
    const data = info.take(info.u16le('attribute length'), `attribute ${id}`);
    if (info.failure || id === 0) break;
    pairs.push({
      id,
      name: AV_NAMES[id] ?? `av-${id}`,
      ...(AV_TEXTS.has(id) ? { text: decodeUtf16(data) } : {}),
      data,
    });
  }
  if (info.failure) cursor.fail(`target information: ${info.failure.reason}`);
  return pairs;
}
