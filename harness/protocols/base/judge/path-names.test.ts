import { expect, it } from 'vitest';
import { configuredBy, isProbeName } from './path-names.ts';

// As real clients wrote them (harness/docs/protocols.md, harness/docs/firmware-quirks.md).
it.each<[path: string, means: { program?: string; isProbe?: true }]>([
  ['pxelinux.cfg/01-52-54-00-12-34-56', { program: 'PXELINUX', isProbe: true }],
  ['boot\\x86\\pxelinux.cfg/default', { program: 'PXELINUX', isProbe: true }],
  ['/boot/x64/grub.cfg-01-52-54-00-12-34-56', { program: 'GRUB', isProbe: true }],
  ['/boot/x64/grub.cfg', { program: 'GRUB' }],
  ['/boot/grub/x86_64-efi/command.lst', { isProbe: true }],
  ['/boot/grub/locale/fr.gmo', { isProbe: true }],
  ['autoexec.ipxe', { program: 'iPXE', isProbe: true }],
  ['Boot/AUTOEXEC.IPXE', { program: 'iPXE', isProbe: true }],
  ['menu.ipxe', { program: 'iPXE' }],
  ['shim_certificate.efi', { isProbe: true }],
  ['boot\\x86\\wdsnbp.com', {}],
  ['grubx64.efi', {}],
])('%s', (path, { program, isProbe = false }) =>
  expect([configuredBy(path), isProbeName(path)]).toEqual([program, isProbe]),
);
