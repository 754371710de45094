import { type Host, Scene } from '../../../observe/testing/scene.ts';
import { ipv4Bytes } from '../../../packet/addresses.ts';
import { hex } from '../../../packet/text.ts';
import { ALL_HOSTS } from '../wire/groups.ts';
import { IGMP_PROTOCOL, type IgmpBody, type RecordType } from '../wire/message.ts';
import { encodeIgmp } from './encode.ts';

/** A router of the link. */
export const QUERIER: Host = { mac: '00:1f:29:04:77:fe', ip: '172.22.52.1' };
const ALL_ROUTERS = '224.0.0.2';
const IGMP_ROUTERS = '224.0.0.22';
const ROUTER_ALERT = [148, 4, 0, 0];

/** How a message is sent; all of it has a default. */
export interface IgmpWords {
  readonly ttl?: number;
  readonly routerAlert?: boolean;
  readonly to?: string;
  readonly checksum?: number;
}

/** A query; general without a group. */
export interface QueryWords extends IgmpWords {
  readonly by?: Host;
  readonly version?: 1 | 2 | 3;
  readonly group?: string;
  readonly sources?: readonly string[];
  readonly maxRespCode?: number;
}

/** Multicast groups of a synthetic capture. */
export class IgmpScene extends Scene {
  /** A report of version 1 or 2. */
  report(from: Host, group: string, { version = 2, ...words }: IgmpWords & { readonly version?: 1 | 2 } = {}): this {
    return this.igmp(from, { to: group, routerAlert: version === 2, ...words }, { type: 'report', version, group });
  }

  /** A report of version 3 with one record. */
  record(
    from: Host,
    group: string,
    type: RecordType | number,
    sources: readonly string[] = [],
    words: IgmpWords = {},
  ): this {
    const record = { type, group, sources, auxiliary: new Uint8Array(0) };
    return this.igmp(from, { to: IGMP_ROUTERS, ...words }, { type: 'report', version: 3, records: [record] });
  }

  leave(from: Host, group: string, words: IgmpWords = {}): this {
    return this.igmp(from, { to: ALL_ROUTERS, ...words }, { type: 'leave', version: 2, group });
  }

  query({ by = QUERIER, version = 2, group, sources = [], maxRespCode = 100, ...words }: QueryWords = {}): this {
    const asked = { type: 'query', group: group ?? '0.0.0.0' } as const;
    return this.igmp(
      by,
      { to: group ?? ALL_HOSTS, routerAlert: version > 1, ...words },
      version === 3
        ? { ...asked, version, maxRespCode, suppress: false, robustness: 2, intervalCode: 125, sources }
        : { ...asked, version, maxRespCode: version === 1 ? 0 : maxRespCode },
    );
  }

  igmp(from: Host, { to = '', ttl = 1, routerAlert = true, checksum }: IgmpWords, message: IgmpBody): this {
    return this.ip(from, { mac: groupMac(to), ip: to }, IGMP_PROTOCOL, encodeIgmp(message, checksum), {
      ttl,
      options: routerAlert ? ROUTER_ALERT : [],
    });
  }
}

/** The hardware address of a group: 23 bits of it (RFC 1112 section 6.4). */
function groupMac(group: string): string {
  const [, second = 0, third = 0, fourth = 0] = ipv4Bytes(group);
  return ['01:00:5e', ...[second & 0x7f, third, fourth].map((byte) => hex(Uint8Array.of(byte)))].join(':');
}
