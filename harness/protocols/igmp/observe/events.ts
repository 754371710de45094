import type { Endpoint, Seen } from '../../base/observe/seen.ts';
import type { IgmpVersion, RecordType } from '../wire/message.ts';

/** What every message shows. */
interface Said {
  readonly version: IgmpVersion;
  /** Address that the message went to. */
  readonly to: string;
  readonly ttl: number;
  /** Whether the IP header has the Router Alert option (RFC 2113). */
  readonly routerAlert: boolean;
}

/**
 * Whom a host wants to hear in a group: all but the sources of `exclude`, or those of `include` alone (RFC 3376 section
 * 3.1). Versions 1 and 2 know the exclusion of nobody.
 */
export interface SourceFilter {
  readonly mode: 'include' | 'exclude';
  readonly sources: readonly string[];
}

/** What the client says about one of its groups. */
export type MembershipEvent = Seen &
  Said & {
    /** Joined: it was no member as far as the capture shows. Report: it was one. Leave: it is none any more. */
    readonly type: 'igmp.join' | 'igmp.report' | 'igmp.leave';
    readonly group: string;
    /** The record of version 3. */
    readonly record: RecordType | undefined;
    /** Those that the record names. */
    readonly sources: readonly string[];
    /** What it wants to hear from now on. */
    readonly filter: SourceFilter;
  };

/** A router asks which groups have members. */
export type QueryEvent = Seen &
  Said & {
    readonly type: 'igmp.query';
    readonly querier: Endpoint;
    /** The group that it asks about; undefined of a general query. */
    readonly group: string | undefined;
    /** Only hosts that want to hear these have to answer; empty where all have. */
    readonly sources: readonly string[];
    readonly maxRespMs: number;
    /** The groups for which the client has to answer, as far as the capture shows that it is a member. */
    readonly asks: readonly string[];
  };

/** Another host of the client's group reports the group: a client of version 1 or 2 need not any more. */
export type OtherReportEvent = Seen &
  Said & {
    readonly type: 'igmp.other-report';
    readonly group: string;
    readonly by: Endpoint;
  };

/** The client names one group more than are followed; nothing is told of any further one. */
export type ExcessEvent = Seen & {
  readonly type: 'igmp.excess';
  readonly group: string;
  /** How many are. */
  readonly followed: number;
};

export type IgmpEvent = MembershipEvent | QueryEvent | OtherReportEvent | ExcessEvent;
