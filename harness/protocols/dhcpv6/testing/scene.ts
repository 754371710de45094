import { at, CLIENT, type End, type Scene, SERVER } from '../../../observe/testing/scene.ts';
import { encodeDhcpv6 } from '../wire/codec.ts';
import type { Dhcpv6Option } from '../wire/message.ts';
import { makeOption } from '../wire/options.ts';
import { ALL_DHCP_SERVERS, DHCPV6_CLIENT_PORT, DHCPV6_SERVER_PORT, DHCPV6_TYPES } from '../wire/types.ts';

const ALL_SERVERS: End = { mac: '33:33:00:01:00:02', ip: ALL_DHCP_SERVERS, port: DHCPV6_SERVER_PORT };
const ASKING: End = { ...at(CLIENT, DHCPV6_CLIENT_PORT), ip: 'fe80::1' };
const ANSWERING: End = { ...at(SERVER, DHCPV6_SERVER_PORT), ip: 'fe80::2' };

/** What a message says of a boot. */
export interface Dhcpv6Words {
  readonly arch?: number;
  readonly vendorClass?: string;
  readonly bootfile?: string;
}

/** A client asks all servers of its link. */
export function ask6<S extends Scene>(scene: S, type: 'SOLICIT' | 'REQUEST', words: Dhcpv6Words = {}): S {
  return scene.udp6(ASKING, ALL_SERVERS, dhcpv6Bytes(type, words));
}

/** A server answers it. */
export function answer6<S extends Scene>(scene: S, type: 'ADVERTISE' | 'REPLY', words: Dhcpv6Words = {}): S {
  return scene.udp6(ANSWERING, ASKING, dhcpv6Bytes(type, words));
}

/** A message with a client identifier and the options of a boot (RFC 5970 section 3). */
export function dhcpv6Bytes(type: keyof typeof DHCPV6_TYPES, { arch, vendorClass, bootfile }: Dhcpv6Words): Uint8Array {
  const options: Dhcpv6Option[] = [
    makeOption('clientId', { kind: 'link-layer', hardwareType: 1, address: CLIENT.mac }),
    ...(arch === undefined ? [] : [makeOption('architectures', [arch])]),
    ...(vendorClass === undefined ? [] : [makeOption('vendorClass', { enterprise: 343, classes: [vendorClass] })]),
    ...(bootfile === undefined ? [] : [makeOption('bootFileUrl', bootfile)]),
  ];
  return encodeDhcpv6({ kind: 'dhcpv6', type: DHCPV6_TYPES[type], transaction: 0xaae467, options });
}
