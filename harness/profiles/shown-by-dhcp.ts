import { isMalformed } from '../packet/malformed.ts';
import { decodeTextTrimmed } from '../packet/text.ts';
import type { DhcpEvent } from '../protocols/dhcp/observe/events.ts';
import { optionBytes, optionText, optionU16, parameterRequestList } from '../protocols/dhcp/wire/options.ts';
import type { Dhcpv6Event } from '../protocols/dhcpv6/observe/events.ts';
import { NONE, type Shown } from './habits.ts';

/** A relay agent's own option, which is none of the client's (RFC 3046). */
const RELAY_INFORMATION = 82;
/** Type of a client identifier that is a hardware address of Ethernet (RFC 2132 section 9.14). */
const ETHERNET = 1;
/** Names of DUIDs by type (RFC 8415 section 11, RFC 6355). */
const DUIDS: Readonly<Record<number, string>> = { 1: 'LLT', 2: 'EN', 3: 'LL', 4: 'UUID' };

/** What a client's DHCP message shows. Of a message that the capture cut nothing is known for sure. */
export function shownByDhcp({ type, from, message }: DhcpEvent): Shown | undefined {
  if (message.cut || message.malformed) return undefined;
  const codes = message.options.map(({ code }) => code).filter((code) => code !== RELAY_INFORMATION);
  const vendorClass = withoutArchitecture(textOf(optionText(message, 60)));
  const userClass = textOf(optionText(message, 77));
  if (type === 'proxydhcp.request')
    return {
      'proxydhcp.vendor-class': vendorClass,
      'proxydhcp.user-class': userClass,
      'proxydhcp.port': String(from.port),
      'proxydhcp.options': codes.join(','),
    };
  // A renewal is not the program's question for a boot; it names no server (RFC 2131 section 4.3.2).
  if (type === 'dhcp.request' && !codes.includes(54)) return undefined;
  const list = parameterRequestList(message);
  const size = optionU16(message, 57);
  return {
    'dhcp.vendor-class': vendorClass,
    'dhcp.user-class': userClass,
    'dhcp.interface': [...(optionBytes(message, 94) ?? [])].join('.') || NONE,
    'dhcp.client-id': clientIdentifier(optionBytes(message, 61)),
    'dhcp.message-size': typeof size === 'number' ? String(size) : NONE,
    'dhcp.parameter-list': list === undefined || isMalformed(list) ? NONE : list.join(','),
    [type === 'dhcp.discover' ? 'dhcp.discover-options' : 'dhcp.request-options']: codes.join(','),
  };
}

/** What a client's DHCPv6 message shows. */
export function shownByDhcpv6({ type, message }: Dhcpv6Event): Shown {
  const dataOf = (code: number): Uint8Array | undefined => message.options.find((one) => one.code === code)?.data;
  const wanted = dataOf(6) ?? new Uint8Array();
  const codes = message.options.map(({ code }) => code).join(',');
  return {
    // Enterprise number, length, text (RFC 8415 section 21.16); length, text (section 21.15).
    'dhcpv6.vendor-class': withoutArchitecture(textAfter(dataOf(16), 6)),
    'dhcpv6.user-class': textAfter(dataOf(15), 2),
    'dhcpv6.duid': duidType(dataOf(1)),
    'dhcpv6.option-request':
      Array.from({ length: wanted.length >> 1 }, (_, at) => wordAt(wanted, 2 * at)).join(',') || NONE,
    ...(type === 'dhcpv6.solicit' ? { 'dhcpv6.solicit-options': codes } : {}),
  };
}

function clientIdentifier(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length === 0) return NONE;
  return bytes[0] === ETHERNET && bytes.length === 7 ? 'hardware address' : `type ${bytes[0] ?? 0}`;
}

function duidType(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length < 2) return NONE;
  const type = wordAt(bytes, 0);
  return DUIDS[type] ?? `type ${type}`;
}

/** `PXEClient:Arch:*:UNDI:003001`: a firmware's number is that of its processor, and the program is the same. */
const withoutArchitecture = (vendorClass: string): string => vendorClass.replace(/(?<=:Arch:)\d{5}(?=:)/, '*');

const textOf = (text: ReturnType<typeof optionText>): string => (typeof text === 'string' && text !== '' ? text : NONE);
const textAfter = (bytes: Uint8Array | undefined, length: number): string =>
  bytes === undefined || bytes.length <= length ? NONE : decodeTextTrimmed(bytes.subarray(length));
const wordAt = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
