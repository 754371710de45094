import { ipv4At } from '../../../packet/addresses.ts';
import type { DhcpOption } from './message.ts';
import { decodeTextTrimmed, hex } from '../../../packet/text.ts';

/** How an option's payload is built. `ips`, `u16s` and `codes` repeat; `nested` holds sub-options. */
export type OptionPayload =
  | 'u8'
  | 'u16'
  | 'u32'
  | 'i32'
  | 'ip'
  | 'ips'
  | 'u16s'
  | 'codes'
  | 'text'
  | 'flag'
  | 'routes'
  | 'nested'
  | 'bytes';

/** One row of the registry. */
export interface OptionRow {
  readonly code: number;
  readonly name: string;
  readonly payload: OptionPayload;
  /** Where it is defined. */
  readonly source: string;
}

const row = (code: number, name: string, payload: OptionPayload, source: string): OptionRow => ({
  code,
  name,
  payload,
  source,
});

const ROWS: readonly OptionRow[] = [
  row(1, 'subnet mask', 'ip', 'RFC 2132 3.3'),
  row(2, 'time offset', 'i32', 'RFC 2132 3.4'),
  row(3, 'router', 'ips', 'RFC 2132 3.5'),
  row(4, 'time server', 'ips', 'RFC 2132 3.6'),
  row(5, 'IEN 116 name server', 'ips', 'RFC 2132 3.7'),
  row(6, 'domain name server', 'ips', 'RFC 2132 3.8'),
  row(7, 'log server', 'ips', 'RFC 2132 3.9'),
  row(12, 'host name', 'text', 'RFC 2132 3.14'),
  row(13, 'boot file size', 'u16', 'RFC 2132 3.15, in blocks of 512 bytes'),
  row(15, 'domain name', 'text', 'RFC 2132 3.17'),
  row(17, 'root path', 'text', 'RFC 2132 3.19'),
  row(18, 'extensions path', 'text', 'RFC 2132 3.20'),
  row(22, 'maximum datagram reassembly size', 'u16', 'RFC 2132 4.4'),
  row(23, 'default IP time to live', 'u8', 'RFC 2132 4.5'),
  row(26, 'interface MTU', 'u16', 'RFC 2132 5.1'),
  row(28, 'broadcast address', 'ip', 'RFC 2132 5.3'),
  row(40, 'NIS domain', 'text', 'RFC 2132 8.1'),
  row(41, 'NIS server', 'ips', 'RFC 2132 8.2'),
  row(42, 'NTP server', 'ips', 'RFC 2132 8.3'),
  row(43, 'vendor-encapsulated options', 'nested', 'RFC 2132 8.4, PXE 2.1'),
  row(50, 'requested IP address', 'ip', 'RFC 2132 9.1'),
  row(51, 'lease time', 'u32', 'RFC 2132 9.2, seconds'),
  row(52, 'option overload', 'u8', 'RFC 2132 9.3'),
  row(53, 'message type', 'u8', 'RFC 2132 9.6'),
  row(54, 'server identifier', 'ip', 'RFC 2132 9.7'),
  row(55, 'parameter request list', 'codes', 'RFC 2132 9.8'),
  row(56, 'message', 'text', 'RFC 2132 9.9'),
  row(57, 'maximum message size', 'u16', 'RFC 2132 9.10'),
  row(58, 'renewal time', 'u32', 'RFC 2132 9.11, seconds'),
  row(59, 'rebinding time', 'u32', 'RFC 2132 9.12, seconds'),
  row(60, 'vendor class identifier', 'text', 'RFC 2132 9.13, PXE 2.1'),
  row(61, 'client identifier', 'bytes', 'RFC 2132 9.14'),
  row(66, 'TFTP server name', 'text', 'RFC 2132 9.4'),
  row(67, 'boot file name', 'text', 'RFC 2132 9.5'),
  row(77, 'user class', 'text', 'RFC 3004; iPXE and Windows write bare text'),
  row(80, 'rapid commit', 'flag', 'RFC 4039 4'),
  row(81, 'client FQDN', 'bytes', 'RFC 4702 2'),
  row(82, 'relay agent information', 'nested', 'RFC 3046 2'),
  row(93, 'client system architecture', 'u16s', 'RFC 4578 2.1'),
  row(94, 'client network interface', 'bytes', 'RFC 4578 2.2'),
  row(97, 'client machine identifier', 'bytes', 'RFC 4578 2.3'),
  row(108, 'IPv6-only preferred', 'u32', 'RFC 8925 3.1, seconds'),
  row(114, 'captive portal', 'text', 'RFC 8910 2.1'),
  row(116, 'auto-configure', 'u8', 'RFC 2563 2'),
  row(118, 'subnet selection', 'ip', 'RFC 3011 2'),
  row(119, 'domain search', 'bytes', 'RFC 3397 2'),
  row(121, 'classless static routes', 'routes', 'RFC 3442'),
  ...Array.from({ length: 8 }, (_, i) => row(128 + i, `PXE reserved ${128 + i}`, 'bytes', 'RFC 4578 2.4')),
  row(150, 'TFTP server address', 'ips', 'RFC 5859 3'),
  row(175, 'iPXE encapsulated options', 'nested', 'iPXE dhcp.h'),
  row(203, 'iPXE reserved 203', 'bytes', 'iPXE dhcp.c, parameter request list'),
  row(208, 'PXELINUX magic', 'bytes', 'RFC 5071 3'),
  row(209, 'PXELINUX configuration file', 'text', 'RFC 5071 4'),
  row(210, 'PXELINUX path prefix', 'text', 'RFC 5071 5'),
  row(211, 'PXELINUX reboot time', 'u32', 'RFC 5071 6, seconds'),
  row(249, 'Microsoft classless static routes', 'routes', 'MS-DHCPE 2.2.8'),
  row(250, 'WDS boot program data', 'nested', 'WdsBp.h'),
  row(252, 'WDS boot configuration data path', 'text', 'WdsBp.h'),
];

/** The DHCP options that network boot uses, by code. */
export const DHCP_OPTIONS: ReadonlyMap<number, OptionRow> = new Map(ROWS.map((entry) => [entry.code, entry]));

/**
 * Name and value of one option for people; a payload that does not fit its type is shown as bytes and said to be
 * malformed.
 */
export function describeOption(option: DhcpOption): { name: string; value: string } {
  const known = DHCP_OPTIONS.get(option.code);
  const name = `option ${option.code}${known ? ` ${known.name}` : ''}`;
  const value = known ? FORMATS[known.payload](option.data) : hex(option.data);
  return { name, value: value ?? `malformed: ${hex(option.data)}` };
}

const view = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength);
const number = (size: number, read: (data: DataView) => number) => (data: Uint8Array) =>
  data.length === size ? String(read(view(data))) : undefined;
const list = (size: number, read: (data: Uint8Array, at: number) => string | number) => (data: Uint8Array) =>
  data.length > 0 && data.length % size === 0
    ? Array.from({ length: data.length / size }, (_, i) => read(data, i * size)).join(', ')
    : undefined;

const FORMATS: Record<OptionPayload, (data: Uint8Array) => string | undefined> = {
  u8: number(1, (data) => data.getUint8(0)),
  u16: number(2, (data) => data.getUint16(0)),
  u32: number(4, (data) => data.getUint32(0)),
  i32: number(4, (data) => data.getInt32(0)),
  ip: (data) => (data.length === 4 ? ipv4At(data) : undefined),
  ips: list(4, ipv4At),
  u16s: list(2, (data, at) => view(data).getUint16(at)),
  codes: list(1, (data, at) => data[at] ?? 0),
  text: decodeTextTrimmed,
  flag: (data) => (data.length === 0 ? 'yes' : undefined),
  routes: formatRoutes,
  nested: hex,
  bytes: hex,
};

// RFC 3442: prefix length, the significant bytes of the destination, router; repeated.
function formatRoutes(data: Uint8Array): string | undefined {
  const routes: string[] = [];
  let at = 0;
  while (at < data.length) {
    const prefix = data[at] ?? 0;
    const significant = Math.ceil(prefix / 8);
    const end = at + 1 + significant + 4;
    if (prefix > 32 || end > data.length) return undefined;
    const destination = new Uint8Array(4);
    destination.set(data.subarray(at + 1, at + 1 + significant));
    routes.push(`${ipv4At(destination)}/${prefix} via ${ipv4At(data, end - 4)}`);
    at = end;
  }
  return routes.length > 0 ? routes.join(', ') : undefined;
}
