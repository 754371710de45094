import type { DhcpOption } from './message.ts';
import type { SubOptions } from './sub-options.ts';

// Option 175 of iPXE: settings of the server, features of the client (iPXE dhcp.h, features.h). A feature's value is
// its version.

const SETTINGS: Readonly<Record<number, string>> = {
  0x01: 'priority',
  0x08: 'keep-san',
  0x09: 'skip-san-boot',
  0x55: 'syslogs',
  0x5b: 'cert',
  0x5c: 'privkey',
  0x5d: 'crosscert',
  0xb0: 'no-pxedhcp',
  0xb1: 'bus-id',
  0xbc: 'san-filename',
  0xbd: 'bios-drive',
  0xbe: 'username',
  0xbf: 'password',
  0xc0: 'reverse-username',
  0xc1: 'reverse-password',
  0xeb: 'version',
};

const FEATURES: Readonly<Record<number, string>> = {
  0x10: 'pxeext',
  0x11: 'iscsi',
  0x12: 'aoe',
  0x13: 'http',
  0x14: 'https',
  0x15: 'tftp',
  0x16: 'ftp',
  0x17: 'dns',
  0x18: 'bzimage',
  0x19: 'multiboot',
  0x1a: 'slam',
  0x1b: 'srp',
  0x20: 'nbi',
  0x21: 'pxe',
  0x22: 'elf',
  0x23: 'comboot',
  0x24: 'efi',
  0x25: 'fcoe',
  0x26: 'vlan',
  0x27: 'menu',
  0x28: 'sdi',
  0x29: 'nfs',
};

/** Name of one sub-option of option 175. */
export function ipxeOptionName(code: number): string {
  return SETTINGS[code] ?? FEATURES[code] ?? `sub-option ${code}`;
}

/** What an iPXE client can do, by feature names; a feature with value 0 is absent. */
export function ipxeFeatures(options: Pick<SubOptions, 'options'>): string[] {
  const present = (entry: DhcpOption): boolean => entry.data.some((byte) => byte !== 0);
  return options.options.flatMap((entry) =>
    FEATURES[entry.code] && present(entry) ? [FEATURES[entry.code] ?? ''] : [],
  );
}
