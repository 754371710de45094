import { at, CLIENT, type End, type Scene, SERVER } from '../../../observe/testing/scene.ts';
import { joinBytes } from '../../../packet/bytes.ts';
import { encodeText } from '../../../packet/text.ts';
import { DHCPV6_CLIENT_PORT, DHCPV6_SERVER_PORT, DHCPV6_TYPES } from '../wire/types.ts';

const ALL_SERVERS: End = { mac: '33:33:00:01:00:02', ip: 'ff02::1:2', port: DHCPV6_SERVER_PORT };
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
export function dhcpv6Bytes(type: string, { arch, vendorClass, bootfile }: Dhcpv6Words): Uint8Array {
  const number = Number(Object.entries(DHCPV6_TYPES).find(([, name]) => name === type)?.[0]);
  return joinBytes([
    Uint8Array.of(number, 0xaa, 0xe4, 0x67),
    option(1, Uint8Array.of(0, 3, 0, 1, 0, 0x11, 0x11, 0x80, 0xd2, 0x92)),
    ...(arch === undefined ? [] : [option(61, Uint8Array.of(arch >> 8, arch & 255))]),
    ...(vendorClass === undefined
      ? []
      : [option(16, joinBytes([Uint8Array.of(0, 0, 1, 0x57, 0, vendorClass.length), encodeText(vendorClass)]))]),
    ...(bootfile === undefined ? [] : [option(59, encodeText(bootfile))]),
  ]);
}

const option = (code: number, data: Uint8Array): Uint8Array =>
  joinBytes([Uint8Array.of(code >> 8, code & 255, data.length >> 8, data.length & 255), data]);
