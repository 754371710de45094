import { Cursor } from '../../../packet/cursor.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import { decodeText, hex } from '../../../packet/text.ts';
import { cipherName, isGrease, versionName } from './names.ts';

// The messages that say what both sides agree on: RFC 8446 section 4.1, RFC 5246 section 7.4.1.

/** Type and length before each handshake message. */
export const HANDSHAKE_HEADER_BYTES = 4;
export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;

/** The random of a ServerHello that asks for another ClientHello: SHA-256 of “HelloRetryRequest” (RFC 8446 section 4.1.3). */
const RETRY_RANDOM = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

const EXTENSIONS = { serverName: 0, alpn: 16, supportedVersions: 43 } as const;
/** Of a list, those that are kept; a hello has some thirty ciphers. */
const MAX_NAMES = 64;

export interface ClientHello {
  readonly kind: 'tls-client-hello';
  /** Newest first, as offered. */
  readonly versions: readonly string[];
  readonly ciphers: readonly string[];
  /** The name of the server that is meant (RFC 6066 section 3); absent where the client was told an address. */
  readonly serverName?: string;
  /** Protocols that the client would speak (RFC 7301), in its order. */
  readonly protocols: readonly string[];
}

export interface ServerHello {
  readonly kind: 'tls-server-hello';
  readonly version: string;
  readonly cipher: string;
  /** It asks for another ClientHello. */
  readonly retry: boolean;
  /** The protocol that was chosen; from TLS 1.3 on it is encrypted. */
  readonly protocol?: string;
}

/** The body of a ClientHello, without the header of the message. */
export function decodeClientHello(bytes: Uint8Array): ClientHello | Malformed {
  const cursor = new Cursor(bytes, 'tls');
  const legacyVersion = cursor.u16be('client version');
  cursor.skip(32, 'client random');
  cursor.skip(cursor.u8('session id length'), 'session id');
  const ciphers = u16List(cursor.take(cursor.u16be('length of cipher suites'), 'cipher suites'));
  cursor.skip(cursor.u8('length of compression methods'), 'compression methods');
  const extensions = readExtensions(cursor);
  if (cursor.failure) return cursor.failure;
  const versions = versionsOffered(extensions.get(EXTENSIONS.supportedVersions)) ?? [legacyVersion];
  const serverName = hostName(extensions.get(EXTENSIONS.serverName));
  return {
    kind: 'tls-client-hello',
    versions: versions.filter((version) => !isGrease(version)).map(versionName),
    ciphers: ciphers
      .filter((cipher) => !isGrease(cipher))
      .slice(0, MAX_NAMES)
      .map(cipherName),
    ...(serverName === undefined ? {} : { serverName }),
    protocols: protocolNames(extensions.get(EXTENSIONS.alpn)).slice(0, MAX_NAMES),
  };
}

/** The body of a ServerHello, without the header of the message. */
export function decodeServerHello(bytes: Uint8Array): ServerHello | Malformed {
  const cursor = new Cursor(bytes, 'tls');
  const legacyVersion = cursor.u16be('server version');
  const random = hex(cursor.take(32, 'server random'));
  cursor.skip(cursor.u8('session id length'), 'session id');
  const cipher = cursor.u16be('cipher suite');
  cursor.skip(1, 'compression method');
  const extensions = readExtensions(cursor);
  if (cursor.failure) return cursor.failure;
  const chosen = extensions.get(EXTENSIONS.supportedVersions);
  const [protocol] = protocolNames(extensions.get(EXTENSIONS.alpn));
  return {
    kind: 'tls-server-hello',
    version: versionName((chosen && u16List(chosen)[0]) ?? legacyVersion),
    cipher: cipherName(cipher),
    retry: random === RETRY_RANDOM,
    ...(protocol === undefined ? {} : { protocol }),
  };
}

/** Extensions by type; a hello without any is older than they are. */
function readExtensions(cursor: Cursor): ReadonlyMap<number, Uint8Array> {
  const extensions = new Map<number, Uint8Array>();
  if (cursor.remaining === 0) return extensions;
  const end = cursor.u16be('length of extensions') + cursor.offset;
  while (!cursor.failure && cursor.offset < end) {
    const type = cursor.u16be('extension type');
    extensions.set(type, cursor.take(cursor.u16be('extension length'), 'extension'));
  }
  return extensions;
}

/** The list of supported_versions in a ClientHello (RFC 8446 section 4.2.1); undefined where it is none. */
function versionsOffered(extension: Uint8Array | undefined): readonly number[] | undefined {
  if (extension === undefined) return undefined;
  const [length = 0] = extension;
  return length >= 2 && length < extension.length ? u16List(extension.subarray(1, 1 + length)) : undefined;
}

/** The first host name of a server_name extension (RFC 6066 section 3); undefined where it has none. */
function hostName(extension: Uint8Array | undefined): string | undefined {
  if (extension === undefined) return undefined;
  const cursor = new Cursor(extension, 'tls');
  cursor.skip(2, 'length of names');
  const isHost = cursor.u8('kind of name') === 0;
  const name = cursor.take(cursor.u16be('length of name'), 'name');
  return isHost && !cursor.failure && name.length > 0 ? printable(name) : undefined;
}

/** Protocols of an ALPN extension (RFC 7301 section 3.1). */
function protocolNames(extension: Uint8Array | undefined): readonly string[] {
  if (extension === undefined) return [];
  const cursor = new Cursor(extension, 'tls');
  cursor.skip(2, 'length of protocols');
  const names: string[] = [];
  while (cursor.remaining > 0) {
    const name = cursor.take(cursor.u8('length of protocol'), 'protocol');
    if (cursor.failure) break;
    names.push(printable(name));
  }
  return names;
}

const printable = (bytes: Uint8Array): string => decodeText(bytes).replace(/[^ -~]/g, '?');

function u16List(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) numbers.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  return numbers;
}
