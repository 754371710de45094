import { ipv4At } from '../../../packet/addresses.ts';
import { Cursor } from '../../../packet/cursor.ts';
import { internetChecksum } from '../../../packet/internet-checksum.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import {
  IGMP_CHECKSUM_AT,
  IGMP_TYPES,
  RECORD_TYPES,
  type GroupRecord,
  type IgmpBody,
  type IgmpMessage,
  type RecordType,
} from './message.ts';

/** Type, a byte, checksum, group: all of versions 1 and 2. */
const SHORT_LENGTH = 8;
/** A query of version 3 without sources. */
const QUERY_V3_LENGTH = 12;

const RECORD_NAMES = new Map<number, RecordType>(
  Object.entries(RECORD_TYPES).map(([name, number]) => [number, name as RecordType]),
);

/**
 * Decodes a message of IGMP (RFC 1112 appendix I, RFC 2236 section 2, RFC 3376 section 4). `wireLength`: its length in IP,
 * where the capture may have cut it. What follows a message is of the checksum, and ignored.
 */
export function decodeIgmp(bytes: Uint8Array, wireLength = bytes.length): IgmpMessage | Malformed {
  const cursor = new Cursor(bytes, 'igmp');
  const type = cursor.u8('type');
  const code = cursor.u8('code');
  const checksum = cursor.u16be('checksum');
  const body = bodyOf(type, code, cursor, wireLength);
  const rightChecksum = bytes.length < wireLength ? undefined : internetChecksum(bytes, IGMP_CHECKSUM_AT);
  return cursor.failure ?? { kind: 'igmp', ...body, checksum, rightChecksum };
}

function bodyOf(type: number, code: number, cursor: Cursor, wireLength: number): IgmpBody {
  switch (type) {
    case IGMP_TYPES.query:
      return queryAt(code, cursor, wireLength);
    case IGMP_TYPES.reportV1:
      return { type: 'report', version: 1, group: addressAt(cursor, 'group') };
    case IGMP_TYPES.reportV2:
      return { type: 'report', version: 2, group: addressAt(cursor, 'group') };
    case IGMP_TYPES.leave:
      return { type: 'leave', version: 2, group: addressAt(cursor, 'group') };
    case IGMP_TYPES.reportV3: {
      cursor.skip(2, 'reserved');
      const count = cursor.u16be('number of group records');
      return { type: 'report', version: 3, records: times(count, cursor, () => recordAt(cursor)) };
    }
    default:
      return { type: 'other', number: type };
  }
}

/** Versions of a query differ in length, and those of 8 bytes in the code (RFC 3376 section 7.1). */
function queryAt(maxRespCode: number, cursor: Cursor, wireLength: number): IgmpBody {
  const group = addressAt(cursor, 'group');
  if (wireLength === SHORT_LENGTH) return { type: 'query', version: maxRespCode === 0 ? 1 : 2, maxRespCode, group };
  if (wireLength < QUERY_V3_LENGTH)
    cursor.fail(`a query has ${SHORT_LENGTH} bytes, or at least ${QUERY_V3_LENGTH}, got ${wireLength}`, 0);
  const flags = cursor.u8('flags');
  const intervalCode = cursor.u8('query interval');
  const count = cursor.u16be('number of sources');
  return {
    type: 'query',
    version: 3,
    maxRespCode,
    group,
    suppress: (flags & 0x08) !== 0,
    robustness: flags & 0x07,
    intervalCode,
    sources: times(count, cursor, () => addressAt(cursor, 'source')),
  };
}

function recordAt(cursor: Cursor): GroupRecord {
  const type = cursor.u8('record type');
  const auxiliaryWords = cursor.u8('length of auxiliary data');
  const count = cursor.u16be('number of sources');
  const group = addressAt(cursor, 'group');
  const sources = times(count, cursor, () => addressAt(cursor, 'source'));
  return {
    type: RECORD_NAMES.get(type) ?? type,
    group,
    sources,
    auxiliary: cursor.take(auxiliaryWords * 4, 'auxiliary data'),
  };
}

/** As many as a count says; it stops at the first that is not there. */
function times<T>(count: number, cursor: Cursor, read: () => T): T[] {
  const all: T[] = [];
  while (all.length < count && !cursor.failure) all.push(read());
  return all;
}

const addressAt = (cursor: Cursor, what: string): string => ipv4At(cursor.take(4, what));
