import { ipv4At } from '../../../packet/addresses.ts';
import { Cursor } from '../../../packet/cursor.ts';
import { decodeTextTrimmed, hex } from '../../../packet/text.ts';
import type { DhcpMessage } from './message.ts';
import { optionBytes } from './options.ts';
import { DISCOVERY_CONTROL, PXE_SUB_OPTIONS } from './pxe-vendor.ts';
import { decodeSubOptions } from './sub-options.ts';

const PXE_CODES: ReadonlySet<number> = new Set(Object.values(PXE_SUB_OPTIONS));

/**
 * Option 43 in words: the sub-options of PXE, each as PXE 2.1 tables 2-1 and 2-2 read it; of any other vendor, which has
 * a format of its own (RFC 2132 section 8.4), only its length. `isPxe`: option 60 says that it is PXE's; without an
 * option 60 its form decides. Undefined without option 43.
 */
export function vendorOptionsText(
  message: Pick<DhcpMessage, 'options'>,
  vendorClass: string | undefined,
): string | undefined {
  const data = optionBytes(message, 43);
  if (data === undefined) return undefined;
  const { options, malformed } = decodeSubOptions(data, 'pxe');
  const isPxe =
    vendorClass === undefined
      ? !malformed && options.length > 0 && options.every(({ code }) => PXE_CODES.has(code))
      : vendorClass.startsWith('PXEClient');
  if (!isPxe) return `vendor-specific, ${data.length} bytes`;
  return [
    ...options.map(({ code, data: value }) => subOptionText(code, value)),
    ...(malformed ? [`malformed: ${malformed.reason}`] : []),
  ].join('; ');
}

const NAMES: Readonly<Record<number, string>> = {
  [PXE_SUB_OPTIONS.mtftpIp]: 'MTFTP address',
  [PXE_SUB_OPTIONS.mtftpClientPort]: 'MTFTP client port',
  [PXE_SUB_OPTIONS.mtftpServerPort]: 'MTFTP server port',
  [PXE_SUB_OPTIONS.mtftpTimeoutS]: 'MTFTP timeout',
  [PXE_SUB_OPTIONS.mtftpDelayS]: 'MTFTP delay',
  [PXE_SUB_OPTIONS.multicastBlock]: 'multicast block',
  [PXE_SUB_OPTIONS.credentialTypes]: 'credential types',
};

const CONTROL_NAMES: readonly (readonly [bit: number, text: string])[] = [
  [DISCOVERY_CONTROL.noBroadcast, 'no broadcast'],
  [DISCOVERY_CONTROL.noMulticast, 'no multicast'],
  [DISCOVERY_CONTROL.onlyListedServers, 'only listed servers'],
  [DISCOVERY_CONTROL.bootfileAtOnce, 'boot file at once'],
];

function subOptionText(code: number, data: Uint8Array): string {
  switch (code) {
    case PXE_SUB_OPTIONS.discoveryControl: {
      const control = data[0] ?? 0;
      const set = CONTROL_NAMES.filter(([bit]) => (control & bit) !== 0).map(([, text]) => text);
      return `discovery control ${control}${set.length === 0 ? '' : ` (${set.join(', ')})`}`;
    }
    case PXE_SUB_OPTIONS.discoveryMulticast:
      return `discovery multicast ${data.length === 4 ? ipv4At(data) : hexText(data)}`;
    case PXE_SUB_OPTIONS.bootServers:
      return `boot servers ${entries(data, (cursor) => {
        const type = cursor.u16be('boot server type');
        const ips = Array.from({ length: cursor.u8('number of boot servers') }, () =>
          ipv4At(cursor.take(4, 'boot server')),
        );
        return [type, ...ips].join(' ');
      })}`;
    case PXE_SUB_OPTIONS.bootMenu:
      return `menu ${entries(data, (cursor) => {
        const type = cursor.u16be('menu item type');
        return `${type} “${decodeTextTrimmed(cursor.take(cursor.u8('length of the description'), 'description'))}”`;
      })}`;
    case PXE_SUB_OPTIONS.menuPrompt:
      return `prompt “${decodeTextTrimmed(data.subarray(1))}” for ${data[0] ?? 0} s`;
    case PXE_SUB_OPTIONS.bootItem:
      return `boot item ${entries(data, (cursor) => `${cursor.u16be('type')} layer ${cursor.u16be('layer')}`)}`;
    default:
      return `${NAMES[code] ?? `sub-option ${code}`} ${hexText(data)}`;
  }
}

/** The entries of a sub-option, with commas between; what breaks off says so. */
function entries(data: Uint8Array, read: (cursor: Cursor) => string): string {
  const cursor = new Cursor(data, 'pxe');
  const texts: string[] = [];
  while (cursor.remaining > 0) texts.push(read(cursor));
  return cursor.failure ? `malformed: ${cursor.failure.reason}` : texts.join(', ');
}

const hexText = (data: Uint8Array): string => (data.length === 0 ? 'empty' : `0x${hex(data)}`);
