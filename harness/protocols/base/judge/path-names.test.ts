import { expect, it } from 'vitest';
import { configuredBy, isLastConfiguration, isOptionalConfiguration, isProbeName } from './path-names.ts';

// As real clients wrote them (harness/docs/protocols.md, harness/docs/firmware-quirks.md).
it.each<[path: string, means: { program?: string; isProbe?: true; without?: 'goes on' | 'stops' }]>([
  ['pxelinux.cfg/01-52-54-00-12-34-56', { program: 'PXELINUX', isProbe: true }],
  ['boot\\x86\\pxelinux.cfg/default', { program: 'PXELINUX', isProbe: true, without: 'stops' }],
  ['/boot/x64/grub.cfg-01-52-54-00-12-34-56', { program: 'GRUB', isProbe: true }],
  ['/boot/x64/grub.cfg', { program: 'GRUB', without: 'stops' }],
  ['/boot/grub/x86_64-efi/command.lst', { isProbe: true }],
  ['/boot/grub/locale/fr.gmo', { isProbe: true }],
  ['boot/x86/boot.ipxe-01-52-54-00-c5-da-db', { program: 'iPXE', isProbe: true, without: 'goes on' }],
  ['autoexec.ipxe', { program: 'iPXE', isProbe: true, without: 'goes on' }],
  ['Boot/AUTOEXEC.IPXE', { program: 'iPXE', isProbe: true, without: 'goes on' }],
  ['menu.ipxe', { program: 'iPXE' }],
  ['shim_certificate.efi', { isProbe: true }],
  ['boot\\x86\\wdsnbp.com', {}],
  ['grubx64.efi', {}],
])('%s', (path, { program, isProbe = false, without }) => {
  expect([configuredBy(path), isProbeName(path)]).toEqual([program, isProbe]);
  // What a boot program does without its configuration; one that looks elsewhere does neither.
  expect([isOptionalConfiguration(path), isLastConfiguration(path)]).toEqual([
    without === 'goes on',
    without === 'stops',
  ]);
});
