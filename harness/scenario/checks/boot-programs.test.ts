import { describe, expect, it } from 'vitest';
import { programHead, type ProgramHead } from '../../protocols/base/wire/testing/program-heads.ts';
import { scenarioFolder } from '../testing/scenario-folder.ts';

const folder = scenarioFolder();

/** A client that is given a program of the user's own: what it is refused with. */
async function refusal(firmware: string, program: ProgramHead, more = ''): Promise<string> {
  const root = `${firmware}-${program}`;
  await folder.write(`${root}/Boot/nbp.bin`, programHead(program));
  const file = await folder.write(
    `${root}.yaml`,
    `name: own program\nservices:\n  dhcp: { bootfile: 'boot\\NBP.bin' }\n  tftp: { root: ./${root} }\nclients:\n  - { name: pc, firmware: ${firmware}, nic: virtio-net-pci }\n${more}`,
  );
  return folder.messageOf(file);
}

describe('a boot program of the user’s own that the firmware cannot start is named before anything starts', () => {
  it.each<[firmware: string, program: ProgramHead, why: string]>([
    ['uefi', 'ipxe-arm64.efi', 'is an EFI program for arm64'],
    ['uefi', 'syslinux-ia32.efi', 'is an EFI program for x86'],
    ['uefi', 'pxelinux.0', 'is no EFI program'],
    ['uefi-arm64', 'snponly.efi', 'is an EFI program for x64'],
    ['bios', 'snponly.efi', 'is an EFI program for x64'],
    ['uefi-secure-boot', 'snponly.efi', 'carries no signature, so that Secure Boot refuses it'],
  ])('%s: %s %s', async (firmware, program, why) => {
    expect(await refusal(firmware, program)).toContain(
      `expected a boot file for firmware "${firmware}", got "boot\\\\NBP.bin", which ${why} (…/${firmware}-${program}/Boot/nbp.bin): name another one for it`,
    );
  });

  it('unless the scenario shows that failure', async () => {
    const expected = 'expect-failure: { step: boot.start, cause: boot-program-wrong-architecture }\n';
    expect(await refusal('uefi', 'ipxe-arm64.efi', expected)).toBe('no error');
  });
});

it.each<[firmware: string, program: ProgramHead]>([
  ['uefi', 'snponly.efi'],
  ['uefi-secure-boot', 'shimx64.efi'],
  ['uefi-arm64', 'ipxe-arm64.efi'],
  ['bios', 'undionly.kpxe'],
  ['bios', 'vmlinuz'],
])('%s takes %s', async (firmware, program) => {
  expect(await refusal(firmware, program)).toBe('no error');
});
