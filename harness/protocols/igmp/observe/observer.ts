import type { Frame } from '../../../packet/frame.ts';
import { ipv4Options, routerAlert } from '../../../packet/ip-options.ts';
import { isMalformed, malformed, type Malformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';
import { hexNumber } from '../../../packet/text.ts';
import { sourceOf } from '../../base/observe/flow-ends.ts';
import type { MalformedEvent, Seen } from '../../base/observe/seen.ts';
import { decodeIgmp } from '../wire/codec.ts';
import { IGMP_CHECKSUM_AT, IGMP_PROTOCOL, maxRespMs, type GroupRecord, type IgmpMessage } from '../wire/message.ts';
import type { IgmpEvent, MembershipEvent } from './events.ts';
import { type GroupHost, GroupHosts, MAX_GROUPS } from './hosts.ts';
import { EVERY_SOURCE, filterAfter, hasToAnswer, isMember, NO_SOURCE } from './membership.ts';

type WithoutClient<E> = E extends Seen ? Omit<E, 'client'> : never;
/** An event before its client is known. */
export type IgmpWithoutClient = WithoutClient<IgmpEvent>;

/** The clients as receivers of IGMP. To be in a group makes nobody a client, but a host that is in one may become one. */
export interface IgmpClients {
  /** Reports what a host says or hears about its groups if it is a client, and keeps it for a host that may become one. */
  ofGroups(event: IgmpWithoutClient, mac: string, ip: string): void;
  /** Whose the addresses of a packet are; the hardware address is empty where it is not known. */
  ownerOf(mac: string, ip: string): { readonly client: string | undefined };
}

/** Whether a packet is a whole message of IGMP. */
export function isIgmp({ ipv4 }: Packet): boolean {
  return ipv4?.protocol === IGMP_PROTOCOL && !ipv4.fragment;
}

/** What a packet of a message shows beside the message. */
interface Sent {
  readonly frame: number;
  readonly atUs: number;
  readonly to: string;
  readonly ttl: number;
  readonly routerAlert: boolean;
}

/**
 * IGMP of all hosts on the link. A host's own words concern the client that it is; a query concerns those that have named
 * a group which it asks about, and a report of versions 1 and 2 the other members of its group.
 */
export class IgmpObserver {
  readonly #clients: IgmpClients;
  readonly #emit: (event: MalformedEvent) => void;
  readonly #hosts = new GroupHosts();

  constructor(clients: IgmpClients, emit: (event: MalformedEvent) => void) {
    this.#clients = clients;
    this.#emit = emit;
  }

  packet(packet: Packet, frame: Frame): void {
    const { ethernet, ipv4 } = packet;
    const [mac, ip] = [ethernet?.source ?? '', ipv4?.source ?? ''];
    const message = decodeIgmp(packet.payload, packet.payloadLength);
    const trouble = isMalformed(message) ? message : dropped(message, packet);
    if (trouble) {
      this.#malformed(trouble, message, packet, frame);
      return;
    }
    if (isMalformed(message) || message.type === 'other') return;
    const header = ipv4 ? frame.bytes.subarray(ipv4.offset, ipv4.offset + ipv4.headerLength) : packet.payload;
    const sent: Sent = {
      frame: frame.number,
      atUs: frame.atUs,
      to: ipv4?.destination ?? '',
      ttl: ipv4?.ttl ?? 0,
      routerAlert: routerAlert(ipv4Options(header)) === 0,
    };
    switch (message.type) {
      case 'query':
        this.#query(message, packet, sent);
        return;
      case 'leave':
        this.#says(this.#hosts.at(mac, ip), { ...sent, ...LEFT, group: message.group });
        return;
      case 'report': {
        const host = this.#hosts.at(mac, ip);
        if (message.version === 3) for (const record of message.records) this.#record(host, record, sent);
        else this.#report(host, message, packet, sent);
      }
    }
  }

  #report(
    host: GroupHost,
    { version, group }: { readonly version: 1 | 2; readonly group: string },
    packet: Packet,
    sent: Sent,
  ): void {
    const type = isMember(host.wantedOf(group)) ? 'igmp.report' : 'igmp.join';
    this.#says(host, { ...sent, type, version, group, record: undefined, sources: [], filter: EVERY_SOURCE });
    for (const other of this.#hosts.all)
      if (other !== host && isMember(other.wantedOf(group)))
        this.#clients.ofGroups(
          { type: 'igmp.other-report', ...sent, version, group, by: sourceOf(packet) },
          other.mac,
          other.ip,
        );
  }

  #record(host: GroupHost, { type: record, group, sources }: GroupRecord, sent: Sent): void {
    // "Unrecognized Record Type values MUST be silently ignored" (RFC 3376 section 4.2.12).
    if (typeof record === 'number') return;
    const before = host.wantedOf(group);
    const filter = filterAfter(before, record, sources);
    const type = typeOf(isMember(before), isMember(filter), record.startsWith('mode-is-'));
    this.#says(host, { ...sent, type, version: 3, group, record, sources, filter });
  }

  #says(host: GroupHost, event: Omit<MembershipEvent, 'client'>): void {
    if (!host.follows(event.group)) {
      this.#exceeds(host, event);
      return;
    }
    host.wants(event.group, event.filter);
    this.#clients.ofGroups(event, host.mac, host.ip);
  }

  /** Says once that a host names more groups than are followed. */
  #exceeds(host: GroupHost, { frame, atUs, group }: Omit<MembershipEvent, 'client'>): void {
    if (host.exceeds) return;
    host.exceeds = true;
    this.#clients.ofGroups({ type: 'igmp.excess', frame, atUs, group, followed: MAX_GROUPS }, host.mac, host.ip);
  }

  #query(message: Extract<IgmpMessage, { readonly type: 'query' }>, packet: Packet, sent: Sent): void {
    const group = message.group === '0.0.0.0' ? undefined : message.group;
    const sources = message.version === 3 ? message.sources : [];
    const event = {
      type: 'igmp.query',
      ...sent,
      version: message.version,
      querier: sourceOf(packet),
      group,
      sources,
      maxRespMs: maxRespMs(message),
    } as const;
    for (const host of this.#asked(message, packet)) {
      const named = group === undefined ? host.memberOf : [group];
      const asks =
        group === undefined && sources.length === 0
          ? named
          : named.filter((one) => hasToAnswer(host.wantedOf(one), sources));
      this.#clients.ofGroups({ ...event, asks }, host.mac, host.ip);
    }
  }

  /** Hosts that have named the group which a query asks about, or any group; the one that it was sent to, if it was to one. */
  *#asked({ group }: { readonly group: string }, { ethernet, ipv4 }: Packet): Generator<GroupHost> {
    for (const host of this.#hosts.all) {
      if (host.mac !== '' && host.mac === ethernet?.source) continue;
      const names = group === '0.0.0.0' ? host.groups.size > 0 : host.groups.has(group);
      const isForOther = (ipv4?.destinationNumber ?? 0) < FIRST_GROUP && host.ip !== ipv4?.destination;
      if (names && !isForOther) yield host;
    }
  }

  /** Tells clients what they drop: whose message it is, who it was for, or who would have had to answer it. */
  #malformed(trouble: Malformed, message: IgmpMessage | Malformed, packet: Packet, frame: Frame): void {
    const { ethernet, ipv4 } = packet;
    const asked = message.kind === 'igmp' && message.type === 'query' ? [...this.#asked(message, packet)] : [];
    const ends = [
      { mac: ethernet?.source ?? '', ip: ipv4?.source ?? '' },
      { mac: ethernet?.destination ?? '', ip: ipv4?.destination ?? '' },
      ...asked,
    ];
    const clients = new Set(ends.map(({ mac, ip }) => this.#clients.ownerOf(mac, ip).client));
    for (const client of clients)
      if (client !== undefined)
        this.#emit({
          type: 'malformed',
          malformed: { ...trouble, bytes: trouble.bytes.slice() },
          frame: frame.number,
          atUs: frame.atUs,
          client,
        });
  }
}

/** 224.0.0.0. */
const FIRST_GROUP = 0xe000_0000;
const LEFT: Pick<MembershipEvent, 'record' | 'sources' | 'filter'> & {
  readonly type: 'igmp.leave';
  readonly version: 2;
} = { type: 'igmp.leave', version: 2, record: undefined, sources: [], filter: NO_SOURCE };

/** A member that only says what it is reports, whether or not the capture shows how it became one. */
function typeOf(wasMember: boolean, isMemberNow: boolean, saysState: boolean): MembershipEvent['type'] {
  if (!isMemberNow) return 'igmp.leave';
  return wasMember || saysState ? 'igmp.report' : 'igmp.join';
}

/** Why every receiver drops a message that decodes (RFC 2236 section 2.3, RFC 3376 section 4.1.2); undefined for one that counts. */
function dropped({ checksum, rightChecksum = checksum }: IgmpMessage, { payload }: Packet): Malformed | undefined {
  if (checksum === rightChecksum) return undefined;
  return malformed(
    'igmp',
    `expected checksum ${hexNumber(rightChecksum, 4)}, got ${hexNumber(checksum, 4)}`,
    payload,
    IGMP_CHECKSUM_AT,
  );
}
