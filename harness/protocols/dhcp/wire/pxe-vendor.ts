import { ipv4Bytes } from '../../../packet/addresses.ts';
import { joinBytes } from '../../../packet/bytes.ts';
import { Cursor } from '../../../packet/cursor.ts';
import type { DhcpMessage } from './message.ts';
import { optionBytes } from './options.ts';
import { EncodeError } from '../../../packet/encode-error.ts';
import type { Field } from '../../../packet/malformed.ts';
import { decodeSubOptions, type SubOptions } from './sub-options.ts';
import { encodeText } from '../../../packet/text.ts';

// Option 43 of PXE (PXE 2.1 tables 2-1 and 2-2; semantics as iPXE, EDK2 and Wireshark read them). Numbers are
// big-endian. Plain sub-options (1 to 7, 12) are read with the views of options.ts: `optionU8(vendorOptions, 6)`.

/** Sub-option numbers by name. */
export const PXE_SUB_OPTIONS = {
  mtftpIp: 1,
  mtftpClientPort: 2,
  mtftpServerPort: 3,
  mtftpTimeoutS: 4,
  mtftpDelayS: 5,
  discoveryControl: 6,
  discoveryMulticast: 7,
  bootServers: 8,
  bootMenu: 9,
  menuPrompt: 10,
  multicastBlock: 11,
  credentialTypes: 12,
  bootItem: 71,
} as const;

/** Bits of sub-option 6. @public The format's own vocabulary, whole. */
export const DISCOVERY_CONTROL = { noBroadcast: 1, noMulticast: 2, onlyListedServers: 4, bootfileAtOnce: 8 } as const;

/** One entry of sub-option 8: servers of one boot type (0 bootstrap, 1 Microsoft RIS/WDS …). */
export interface BootServers {
  readonly type: number;
  readonly ips: readonly string[];
}

/** One entry of sub-option 9; type 0 boots from the local disk. */
export interface BootMenuItem {
  readonly type: number;
  readonly description: string;
}

/** Sub-option 10: 0 picks the first entry at once, 255 shows the menu at once. */
export interface MenuPrompt {
  readonly timeoutS: number;
  readonly text: string;
}

/** Sub-option 71: which entry of the menu, and the layer (bit 15 asks for credentials). */
export interface BootItem {
  readonly type: number;
  readonly layer: number;
}

type Option = { readonly code: number; readonly data: Uint8Array };

/** The PXE sub-options of option 43; undefined without option 43. */
export function pxeVendorOptions(message: Pick<DhcpMessage, 'options'>): SubOptions | undefined {
  const data = optionBytes(message, 43);
  return data && decodeSubOptions(data, 'pxe');
}

/** Whether option 43 carries any of these sub-options; one that is cut short is malformed, not absent. */
export function hasPxeSubOption(message: Pick<DhcpMessage, 'options'>, ...codes: readonly number[]): boolean {
  const vendor = pxeVendorOptions(message);
  const found = vendor?.options.map(({ code }) => code) ?? [];
  return [...found, ...(vendor?.malformed?.bytes.subarray(0, 1) ?? [])].some((code) => codes.includes(code));
}

export function bootItem(vendor: SubOptions): Field<BootItem> {
  return whole(vendor, PXE_SUB_OPTIONS.bootItem, (cursor) => ({
    type: cursor.u16be('boot item type'),
    layer: cursor.u16be('boot item layer'),
  }));
}

export function bootServersOption(servers: readonly BootServers[]): Option {
  return {
    code: PXE_SUB_OPTIONS.bootServers,
    data: joinBytes(
      servers.flatMap(({ type, ips }) => [
        word(type),
        Uint8Array.of(byte(ips.length, 'number of boot servers')),
        ...ips.map(ipv4Bytes),
      ]),
    ),
  };
}

export function bootMenuOption(items: readonly BootMenuItem[]): Option {
  const parts = items.flatMap(({ type, description }) => {
    const text = encodeText(description);
    return [word(type), Uint8Array.of(byte(text.length, 'length of the description')), text];
  });
  return { code: PXE_SUB_OPTIONS.bootMenu, data: joinBytes(parts) };
}

export function menuPromptOption({ timeoutS, text }: MenuPrompt): Option {
  return {
    code: PXE_SUB_OPTIONS.menuPrompt,
    data: joinBytes([Uint8Array.of(byte(timeoutS, 'prompt timeout')), encodeText(text)]),
  };
}

export function bootItemOption({ type, layer }: BootItem): Option {
  return { code: PXE_SUB_OPTIONS.bootItem, data: joinBytes([word(type), word(layer)]) };
}

function whole<T>(vendor: SubOptions, code: number, read: (cursor: Cursor) => T): Field<T> {
  const data = optionBytes(vendor, code);
  if (!data) return undefined;
  const cursor = new Cursor(data, 'pxe');
  const value = read(cursor);
  if (cursor.remaining > 0) cursor.fail(`sub-option ${code} has ${cursor.remaining} bytes too many`);
  return cursor.failure ?? value;
}

const word = (value: number): Uint8Array => Uint8Array.of((value >> 8) & 255, value & 255);

function byte(value: number, field: string): number {
  if (value < 0 || value > 255) throw new EncodeError('pxe', field, '0 to 255', value);
  return value;
}
