/** Version 1 (RFC 1112 appendix I), 2 (RFC 2236) or 3 (RFC 3376). */
export type IgmpVersion = 1 | 2 | 3;

/** IP protocol number of IGMP. */
export const IGMP_PROTOCOL = 2;

/** Where the checksum lies in every message. */
export const IGMP_CHECKSUM_AT = 2;

/** Types of messages (RFC 3376 section 4). */
export const IGMP_TYPES = { query: 0x11, reportV1: 0x12, reportV2: 0x16, leave: 0x17, reportV3: 0x22 } as const;

/** What a group record of version 3 says, by number (RFC 3376 section 4.2.12). */
export const RECORD_TYPES = {
  'mode-is-include': 1,
  'mode-is-exclude': 2,
  'change-to-include': 3,
  'change-to-exclude': 4,
  'allow-new-sources': 5,
  'block-old-sources': 6,
} as const;
export type RecordType = keyof typeof RECORD_TYPES;

/** What a host says about one group (RFC 3376 section 4.2.4). */
export interface GroupRecord {
  /** Its name; a number that has none is ignored by its receivers. */
  readonly type: RecordType | number;
  readonly group: string;
  readonly sources: readonly string[];
  /** Auxiliary data, a multiple of 4 bytes: version 3 defines none, and receivers ignore it. */
  readonly auxiliary: Uint8Array;
}

/** What is said, without what every message has. */
export type IgmpBody =
  | {
      readonly type: 'query';
      readonly version: 1 | 2;
      /** Tenths of a second; 0 of version 1. */
      readonly maxRespCode: number;
      /** `0.0.0.0` of a general query. */
      readonly group: string;
    }
  | {
      readonly type: 'query';
      readonly version: 3;
      /** Tenths of a second; from 128 on with an exponent (`codeValue`). */
      readonly maxRespCode: number;
      readonly group: string;
      /** Flag S: routers do not update their timers. */
      readonly suppress: boolean;
      /** QRV, 0 to 7. */
      readonly robustness: number;
      /** QQIC: seconds between queries; from 128 on with an exponent. */
      readonly intervalCode: number;
      readonly sources: readonly string[];
    }
  | { readonly type: 'report'; readonly version: 1 | 2; readonly group: string }
  | { readonly type: 'report'; readonly version: 3; readonly records: readonly GroupRecord[] }
  | { readonly type: 'leave'; readonly version: 2; readonly group: string }
  /** A type of another protocol's (DVMRP, PIM version 1, mtrace), which hosts ignore. */
  | { readonly type: 'other'; readonly number: number };

/** A message of IGMP. */
export type IgmpMessage = IgmpBody & {
  readonly kind: 'igmp';
  readonly checksum: number;
  /** What the checksum has to be; undefined where the capture cut the message. A receiver drops any other. */
  readonly rightChecksum: number | undefined;
};

/** A query of version 3, whose codes may have exponents. */
const FIRST_FLOATING = 128;

/** Value of a code of version 3: from 128 on 4 bits of mantissa and 3 of exponent (RFC 3376 sections 4.1.1, 4.1.7). */
export function codeValue(code: number): number {
  return code < FIRST_FLOATING ? code : ((code & 0x0f) | 0x10) << (((code >> 4) & 0x07) + 3);
}

/** A version 1 query has no time: hosts take 10 seconds (RFC 2236 section 4). */
const MAX_RESP_V1_MS = 10_000;

/** How long hosts may take to answer a query, milliseconds. */
export function maxRespMs({
  version,
  maxRespCode,
}: Pick<IgmpBody & { type: 'query' }, 'version' | 'maxRespCode'>): number {
  if (version === 1) return MAX_RESP_V1_MS;
  return (version === 3 ? codeValue(maxRespCode) : maxRespCode) * 100;
}
