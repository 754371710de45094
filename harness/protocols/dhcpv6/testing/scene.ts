import { at, CLIENT, type End, type Host, Scene, SERVER } from '../../../observe/testing/scene.ts';
import { encodeDhcpv6 } from '../wire/codec.ts';
import type { Dhcpv6Option } from '../wire/message.ts';
import { makeOption } from '../wire/options.ts';
import {
  ALL_DHCP_SERVERS,
  DHCPV6_CLIENT_PORT,
  DHCPV6_SERVER_PORT,
  DHCPV6_STATUS,
  DHCPV6_TYPES,
  type Dhcpv6Type,
} from '../wire/types.ts';

const EVERY_SERVER: End = { mac: '33:33:00:01:00:02', ip: ALL_DHCP_SERVERS, port: DHCPV6_SERVER_PORT };
const CLIENT_LINK_LOCAL = 'fe80::1';
const SERVER_LINK_LOCAL = 'fe80::2';

/** What a message says; what is left out is not in it, but for client, server and association, which have defaults. */
export interface Dhcpv6Words {
  readonly arch?: number;
  readonly vendorClass?: string;
  readonly userClass?: string;
  readonly bootfile?: string;
  readonly rapidCommit?: boolean;
  /** Address in the association; none without one. */
  readonly address?: string;
  /** Number of the association; null for a message without any. */
  readonly iaid?: number | null;
  readonly status?: keyof typeof DHCPV6_STATUS;
  /** Hardware addresses in the DUIDs; null for a message without that identifier. */
  readonly client?: string | null;
  readonly server?: string | null;
  readonly preference?: number;
  /** Other options, whatever their bytes. */
  readonly more?: readonly Dhcpv6Option[];
}

/** What the PXE client of EDK2 says of itself. */
export const PXE6: Dhcpv6Words = { arch: 7, vendorClass: 'PXEClient:Arch:00007:UNDI:003001' };
const IAID = 0xf79eddd7;

/** DHCPv6 of a synthetic capture, between CLIENT and SERVER unless said. */
export class Dhcpv6Scene extends Scene {
  transaction = 0xaae467;
  client: Host = CLIENT;

  solicit(words: Dhcpv6Words = PXE6): this {
    return this.ask('SOLICIT', words);
  }

  advertise(words: Dhcpv6Words = {}): this {
    return this.answer('ADVERTISE', { address: 'fd77::100', ...words });
  }

  /** A REQUEST has a transaction of its own. */
  request(words: Dhcpv6Words = {}): this {
    this.transaction += 1;
    return this.ask('REQUEST', { ...PXE6, address: 'fd77::100', server: SERVER.mac, ...words });
  }

  reply(words: Dhcpv6Words = {}): this {
    return this.answer('REPLY', { address: 'fd77::100', ...words });
  }

  /** A whole round for an address; `words` are of the server. */
  round(words: Dhcpv6Words = {}): this {
    return this.solicit().advertise(words).request().reply(words);
  }

  /** A client asks all servers of its link. */
  ask(type: Dhcpv6Type, words: Dhcpv6Words = {}): this {
    const from: End = { ...at(this.client, DHCPV6_CLIENT_PORT), ip: CLIENT_LINK_LOCAL };
    return this.udp6(from, EVERY_SERVER, this.#bytes(type, { server: null, ...words }));
  }

  /** A server answers it. */
  answer(type: Dhcpv6Type, words: Dhcpv6Words = {}): this {
    const from: End = { ...at(SERVER, DHCPV6_SERVER_PORT), ip: SERVER_LINK_LOCAL };
    const to: End = { ...at(this.client, DHCPV6_CLIENT_PORT), ip: CLIENT_LINK_LOCAL };
    return this.udp6(from, to, this.#bytes(type, { server: SERVER.mac, ...words }));
  }

  #bytes(type: Dhcpv6Type, words: Dhcpv6Words): Uint8Array {
    const options = optionsOf({ client: this.client.mac, ...words });
    return encodeDhcpv6({ kind: 'dhcpv6', type: DHCPV6_TYPES[type], transaction: this.transaction, options });
  }
}

function optionsOf(words: Dhcpv6Words): Dhcpv6Option[] {
  const { arch, vendorClass, userClass, bootfile, rapidCommit, address, iaid = IAID, status, client, server } = words;
  const { preference, more = [] } = words;
  const duid = (mac: string) => ({ kind: 'link-layer', hardwareType: 1, address: mac }) as const;
  const lifetime = { preferred: 600, valid: 600, options: [] };
  const addresses = address === undefined ? [] : [makeOption('iaAddress', { address, ...lifetime })];
  return [
    ...(client === null || client === undefined ? [] : [makeOption('clientId', duid(client))]),
    ...(server === null || server === undefined ? [] : [makeOption('serverId', duid(server))]),
    ...(iaid === null ? [] : [makeOption('iaNa', { iaid, t1: 300, t2: 525, options: addresses })]),
    ...(arch === undefined ? [] : [makeOption('architectures', [arch])]),
    ...(vendorClass === undefined ? [] : [makeOption('vendorClass', { enterprise: 343, classes: [vendorClass] })]),
    ...(userClass === undefined ? [] : [makeOption('userClass', [userClass])]),
    ...(bootfile === undefined ? [] : [makeOption('bootFileUrl', bootfile)]),
    ...(rapidCommit === true ? [makeOption('rapidCommit', true)] : []),
    ...(status === undefined ? [] : [makeOption('statusCode', { status: DHCPV6_STATUS[status], message: '' })]),
    ...(preference === undefined ? [] : [makeOption('preference', preference)]),
    ...more,
  ];
}
