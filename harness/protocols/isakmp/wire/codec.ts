import { Cursor } from '../../../packet/cursor.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import { hex } from '../../../packet/text.ts';

/** Exchange types: RFC 2408 section 3.1, RFC 7296 section 3.1, and AuthIP's own (MS-AIPS section 2.2.1). */
const EXCHANGES: Readonly<Record<number, string>> = {
  1: 'base',
  2: 'main mode',
  3: 'authentication only',
  4: 'aggressive',
  5: 'informational',
  32: 'quick mode',
  34: 'IKE_SA_INIT',
  35: 'IKE_AUTH',
  36: 'CREATE_CHILD_SA',
  37: 'INFORMATIONAL',
  243: 'AuthIP main mode',
  244: 'AuthIP quick mode',
  245: 'AuthIP extended mode',
  246: 'AuthIP notify',
};

/** The 28 bytes that every message begins with. */
export interface IsakmpHeader {
  readonly kind: 'isakmp';
  /** Cookies, in hexadecimal: they name the exchange. */
  readonly initiator: string;
  readonly responder: string;
  readonly version: string;
  readonly exchangeType: number;
  /** Its name, or `exchange 99`. */
  readonly exchange: string;
  /** Of the whole message. */
  readonly length: number;
}

/** The header of an ISAKMP message. */
export function decodeIsakmpHeader(bytes: Uint8Array): IsakmpHeader | Malformed {
  const cursor = new Cursor(bytes, 'isakmp');
  const initiator = hex(cursor.take(8, 'initiator cookie'));
  const responder = hex(cursor.take(8, 'responder cookie'));
  cursor.skip(1, 'next payload');
  const version = cursor.u8('version');
  const exchangeType = cursor.u8('exchange type');
  cursor.skip(1 + 4, 'flags and message id');
  const length = cursor.u32be('length');
  if (cursor.failure) return cursor.failure;
  if (length < cursor.offset || length > bytes.length)
    return cursor.fail(`length ${length} must be from ${cursor.offset} to the ${bytes.length} bytes`, 24);
  return {
    kind: 'isakmp',
    initiator,
    responder,
    version: `${version >> 4}.${version & 0xf}`,
    exchangeType,
    exchange: EXCHANGES[exchangeType] ?? `exchange ${exchangeType}`,
    length,
  };
}
