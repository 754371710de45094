import { joinBytes } from '../../../packet/bytes.ts';
import { encodeText } from '../../../packet/text.ts';
import type { RecordType } from '../wire/record.ts';

// TLS as a client or server writes it, for tests.

const TYPES: Readonly<Record<RecordType, number>> = {
  'change-cipher-spec': 20,
  alert: 21,
  handshake: 22,
  'application-data': 23,
  heartbeat: 24,
};

const u16 = (value: number): readonly number[] => [(value >> 8) & 0xff, value & 0xff];
const u24 = (value: number): readonly number[] => [(value >> 16) & 0xff, ...u16(value)];
const bytesOf = (...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array =>
  joinBytes(parts.map((part) => Uint8Array.from(part)));

export function encodeRecord(type: RecordType, content: Uint8Array, version = 0x0303): Uint8Array {
  return bytesOf([TYPES[type]], u16(version), u16(content.length), content);
}

export function encodeAlert(fatal: boolean, description: number): Uint8Array {
  return Uint8Array.of(fatal ? 2 : 1, description);
}

export function encodeHandshake(type: number, body: Uint8Array): Uint8Array {
  return bytesOf([type], u24(body.length), body);
}

const extension = (type: number, body: Uint8Array): Uint8Array => bytesOf(u16(type), u16(body.length), body);
const extensionsOf = (all: readonly Uint8Array[]): Uint8Array => {
  const body = joinBytes(all);
  return body.length === 0 ? body : bytesOf(u16(body.length), body);
};

function protocolsExtension(names: readonly string[]): Uint8Array[] {
  if (names.length === 0) return [];
  const list = joinBytes(names.map((name) => bytesOf([name.length], encodeText(name))));
  return [extension(16, bytesOf(u16(list.length), list))];
}

/** What a hello says; numbers as they are on the wire. */
export interface HelloFacts {
  readonly legacyVersion?: number;
  readonly versions?: readonly number[];
  readonly ciphers?: readonly number[];
  readonly serverName?: string;
  readonly protocols?: readonly string[];
  readonly random?: Uint8Array;
}

export function encodeClientHello(facts: HelloFacts = {}): Uint8Array {
  const { legacyVersion = 0x0303, versions, ciphers = [0x1301], serverName, protocols = [] } = facts;
  const list = Uint8Array.from(ciphers.flatMap(u16));
  const name = encodeText(serverName ?? '');
  return bytesOf(
    u16(legacyVersion),
    facts.random ?? new Uint8Array(32),
    [0],
    u16(list.length),
    list,
    [1, 0],
    extensionsOf([
      ...(serverName === undefined ? [] : [extension(0, bytesOf(u16(name.length + 3), [0], u16(name.length), name))]),
      ...protocolsExtension(protocols),
      ...(versions === undefined ? [] : [extension(43, bytesOf([versions.length * 2], versions.flatMap(u16)))]),
    ]),
  );
}

export function encodeServerHello(facts: HelloFacts = {}): Uint8Array {
  const { legacyVersion = 0x0303, versions, ciphers: [cipher = 0x1301] = [], protocols = [] } = facts;
  return bytesOf(
    u16(legacyVersion),
    facts.random ?? new Uint8Array(32),
    [0],
    u16(cipher),
    [0],
    extensionsOf([
      ...protocolsExtension(protocols),
      ...(versions === undefined ? [] : [extension(43, Uint8Array.from(versions.flatMap(u16)))]),
    ]),
  );
}
