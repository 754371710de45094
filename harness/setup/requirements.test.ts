import { describe, expect, it } from 'vitest';
import { planScenarios } from '../plan/scenarios.ts';
import { parseScenario } from '../scenario/testing/parse-scenario.ts';
import { missingRequirements, optionalRequirements, requirementsFor } from './requirements.ts';
import { usesOf, type RunUses } from './requirements/run-uses.ts';

const plansOf = (clients: string, matrix = '{ cpus: [1] }') =>
  planScenarios(
    parseScenario(`name: x\nservices: { tftp: {} }\n${clients}\nmatrix: ${matrix}\n`, 'x.yaml', '/scenarios').scenario,
  );

/** What a host without any program lacks for runs, as far as it has no program. */
const lacking = (uses?: RunUses): string[] => missingRequirements('run', uses, '/nowhere').map(({ title }) => title);
const required = (uses?: RunUses): string[] => requirementsFor('run', uses).flatMap(({ debian }) => debian);

describe('what only some runs need', () => {
  it('is not asked of the others', () => {
    expect(lacking()).toContain('QEMU');
    expect(lacking()).not.toContain('firmware uefi-arm64');
    expect(required()).toEqual(expect.arrayContaining(['qemu-system-x86', 'ovmf', 'grub-efi-amd64-bin']));
    for (const name of [
      'qemu-system-arm',
      'qemu-efi-aarch64',
      'shim-signed',
      'grub-efi-amd64-signed',
      'radvd',
      'swtpm',
    ])
      expect(required()).not.toContain(name);
  });

  it('is asked of those that have a client on Arm', () => {
    const uses = { firmwares: ['uefi', 'uefi-arm64'], bundles: [], services: [], devices: [] };
    expect(lacking(uses)).toContain('firmware uefi-arm64');
    expect(required(uses)).toEqual(expect.arrayContaining(['qemu-system-arm', 'qemu-efi-aarch64']));
    expect(required(uses)).not.toContain('shim-signed');
  });

  it('is asked of those that serve signed boot programs', () => {
    const uses = {
      firmwares: ['uefi-secure-boot'],
      bundles: ['boot-files/wds', 'signed-programs'],
      services: ['tftp'],
      devices: [],
    };
    expect(required(uses)).toEqual(expect.arrayContaining(['shim-signed', 'grub-efi-amd64-signed']));
    expect(required(uses)).not.toContain('qemu-system-arm');
  });

  it('is asked of those that have router advertisements', () => {
    expect(required({ firmwares: [], bundles: [], services: ['router-advertisements'], devices: [] })).toContain(
      'radvd',
    );
  });

  it('is asked of those that have a client with a TPM', () => {
    const withTpm = (tpm: boolean) => required(usesOf(plansOf('clients: [{ name: pc }]', `{ tpm: [${tpm}] }`)));
    expect(withTpm(true)).toContain('swtpm');
    expect(withTpm(false)).not.toContain('swtpm');
  });

  it('is asked of those that save disks', () => {
    expect(required({ firmwares: [], bundles: ['agent-backup'], services: ['backup-store'], devices: [] })).toEqual(
      expect.arrayContaining(['restic', 'partclone', 'ntfs-3g', 'restic-rest-server']),
    );
    expect(required({ firmwares: [], bundles: ['agent-hot'], services: [], devices: [] })).toEqual(
      expect.arrayContaining(['restic', 'partclone', 'e2fsprogs']),
    );
    expect(required({ firmwares: [], bundles: ['agent-snapshot'], services: [], devices: [] })).toEqual(
      expect.arrayContaining(['dmsetup', 'e2fsprogs']),
    );
    expect(required()).not.toContain('restic');
  });

  it('is asked of those that have a bundled disk, and of those that compare a restored one', () => {
    const requiredBy = (clients: string) => required(usesOf(plansOf(`clients: ${clients}`)));
    const bios = requiredBy('[{ name: pc, disk-image: disks/linux-bios }]');
    expect(bios).toContain('grub-pc-bin');
    expect(bios).not.toContain('mtools');
    expect(requiredBy('[{ name: pc, firmware: uefi, disk-image: disks/linux-uefi }]')).toContain('dosfstools');
    const copy = '{ name: b, disk: 1GiB, starts-after: a, after: { restored-from: a } }';
    expect(requiredBy(`[{ name: a, disk: 1GiB }, ${copy}]`)).toContain('mtools');
  });

  it('is listed, and the project’s own tests need it', () => {
    expect(optionalRequirements().map(([{ title }]) => title)).toEqual([
      'firmware uefi-arm64',
      'swtpm',
      'radvd',
      'shim and signed GRUB',
      'restic and partclone',
      'restic and partclone for the hypervisor',
      'device-mapper',
      'restic REST server',
      'OpenSSL',
      'GRUB for a BIOS',
      'mtools and dosfstools',
      'udpcast',
      '7-Zip',
      'makers of NTFS',
      'readers of FAT and NTFS',
    ]);
    const optional = optionalRequirements().map(([requirement]) => requirement);
    expect(requirementsFor('test')).toEqual(expect.arrayContaining(optional));
  });
});
