import { ipv4At } from '../../../packet/addresses.ts';
import { Cursor } from '../../../packet/cursor.ts';
import { isMalformed, type Field } from '../../../packet/malformed.ts';
import { decodeText } from '../../../packet/text.ts';
import type { DhcpMessage } from './message.ts';
import { optionBytes, optionU8 } from './options.ts';
import {
  PXE_SUB_OPTIONS,
  pxeVendorOptions,
  type BootMenuItem,
  type BootServers,
  type MenuPrompt,
} from './pxe-vendor.ts';
import type { SubOptions } from './sub-options.ts';

/** The boot menu of option 43: what a boot server lets its clients choose from (PXE 2.1 table 2-1). */
export interface PxeMenu {
  readonly items: readonly BootMenuItem[];
  readonly servers: readonly BootServers[];
  readonly prompt?: MenuPrompt;
  /** Bits of sub-option 6. */
  readonly discoveryControl?: number;
}

/** The menu of a boot server's answer; undefined without one, and a Malformed for one that cannot be read. */
export function pxeMenu(message: Pick<DhcpMessage, 'options'>): Field<PxeMenu> {
  const vendor = pxeVendorOptions(message);
  if (vendor === undefined) return undefined;
  if (vendor.malformed) return vendor.malformed;
  const items = list(vendor, PXE_SUB_OPTIONS.bootMenu, (cursor) => ({
    type: cursor.u16be('boot server type'),
    description: decodeText(cursor.take(cursor.u8('length of the description'), 'description')),
  }));
  if (items === undefined || isMalformed(items)) return items;
  const servers = list(vendor, PXE_SUB_OPTIONS.bootServers, (cursor) => ({
    type: cursor.u16be('boot server type'),
    ips: Array.from({ length: cursor.u8('number of boot servers') }, () => ipv4At(cursor.take(4, 'boot server'))),
  }));
  if (isMalformed(servers)) return servers;
  const control = optionU8(vendor, PXE_SUB_OPTIONS.discoveryControl);
  if (isMalformed(control)) return control;
  const prompt = optionBytes(vendor, PXE_SUB_OPTIONS.menuPrompt);
  return {
    items,
    servers: servers ?? [],
    ...(prompt === undefined || prompt.length === 0
      ? {}
      : { prompt: { timeoutS: prompt[0] ?? 0, text: decodeText(prompt.subarray(1)) } }),
    ...(control === undefined ? {} : { discoveryControl: control }),
  };
}

function list<T>(vendor: SubOptions, code: number, read: (cursor: Cursor) => T): Field<T[]> {
  const data = optionBytes(vendor, code);
  if (data === undefined) return undefined;
  const cursor = new Cursor(data, 'pxe');
  const items: T[] = [];
  while (cursor.remaining > 0) items.push(read(cursor));
  return cursor.failure ?? items;
}
