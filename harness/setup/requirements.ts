import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { FIRMWARE_NAMES, firmwareRow, PXE_ROM_FILES } from '#qemu-wrapper/nic-models';
import { disksFor } from '../../vm-images/bundle-contents.ts';

/** One thing the host must have: how to see that it is there, why, and which package brings it. */
export interface Requirement {
  readonly title: string;
  readonly why: string;
  /** Commands on PATH or absolute files, all of which must exist. */
  readonly needs: readonly string[];
  /** Package names of Debian 13; Ubuntu's where they differ. */
  readonly debian: readonly string[];
  readonly ubuntu?: readonly string[];
  /** `run` for booting, `test` for what only the project's own tests call. */
  readonly for: 'run' | 'test';
  /** Runs need it only for this: any other works without. `whose`: who needs it, in words. */
  readonly onlyFor?: {
    readonly use: keyof RunUses;
    readonly named: string | readonly string[];
    readonly whose: string;
  };
}

/** What runs have that only some of them need something for. */
export interface RunUses {
  /** Firmwares of VMs. */
  readonly firmwares: readonly string[];
  /** Bundles of vm-images. */
  readonly bundles: readonly string[];
  /** Kinds of services. */
  readonly services: readonly string[];
  /** Devices of VMs that programs of their own play. */
  readonly devices: readonly string[];
  /** What is looked at after a boot. */
  readonly checks?: readonly string[];
}

const NOTHING_SPECIAL: RunUses = { firmwares: [], bundles: [], services: [], devices: [] };

interface PlannedRun {
  readonly bundles: readonly string[];
  readonly services: readonly { readonly kind: string }[];
  readonly clients: readonly {
    readonly plays?: unknown;
    readonly firmware?: string;
    readonly tpm?: true;
    readonly after?: { readonly restoredFrom?: string };
  }[];
}

/** What these plans have that only some runs have. */
export function usesOf(plans: readonly PlannedRun[]): RunUses {
  return {
    firmwares: plans.flatMap(({ clients }) =>
      clients.flatMap(({ plays, firmware }) => (plays !== undefined || firmware === undefined ? [] : [firmware])),
    ),
    bundles: plans.flatMap(({ bundles }) => bundles),
    services: plans.flatMap(({ services }) => services.map(({ kind }) => kind)),
    devices: plans.flatMap(({ clients }) => clients.flatMap(({ tpm }) => (tpm === true ? ['tpm'] : []))),
    checks: plans.flatMap(({ clients }) =>
      clients.flatMap(({ after }) => (after?.restoredFrom === undefined ? [] : ['restored-from'])),
    ),
  };
}

/** The QEMU that every run needs. */
const QEMU = 'qemu-system-x86_64';

export const REQUIREMENTS: readonly Requirement[] = [
  {
    title: 'QEMU',
    why: 'the VMs that boot',
    needs: [QEMU, 'qemu-img'],
    debian: ['qemu-system-x86', 'qemu-utils'],
    for: 'run',
  },
  {
    title: 'PXE option ROMs',
    why: 'the network cards boot with them, under BIOS and UEFI',
    needs: PXE_ROM_FILES.map((rom) => `/usr/share/qemu/${rom}|/usr/lib/ipxe/qemu/${rom}`),
    debian: ['ipxe-qemu'],
    for: 'run',
  },
  ...firmwares(),
  {
    title: 'swtpm',
    why: 'the TPM of a VM',
    needs: ['swtpm'],
    debian: ['swtpm'],
    for: 'run',
    onlyFor: { use: 'devices', named: 'tpm', whose: 'clients with a TPM' },
  },
  {
    title: 'radvd',
    why: 'router advertisements, for boots over IPv6',
    needs: ['radvd'],
    debian: ['radvd'],
    for: 'run',
    onlyFor: { use: 'services', named: 'router-advertisements', whose: 'scenarios with router advertisements' },
  },
  { title: 'tcpdump', why: 'the capture that verdicts come from', needs: ['tcpdump'], debian: ['tcpdump'], for: 'run' },
  {
    title: 'Samba',
    why: 'NTLM logon and the image share',
    needs: ['smbd', 'pdbedit'],
    debian: ['samba', 'samba-common-bin'],
    for: 'run',
  },
  {
    title: 'Samba AD',
    why: 'domain controller with its DNS and Kerberos',
    needs: [
      'samba',
      'winbindd',
      'ldbmodify',
      '/usr/share/samba/setup/provision.ldif',
      '/usr/lib/python3/dist-packages/samba/provision/__init__.py',
      '/usr/lib/x86_64-linux-gnu/libuid_wrapper.so|/usr/lib/aarch64-linux-gnu/libuid_wrapper.so',
    ],
    debian: [
      'samba-ad-dc',
      'samba-ad-provision',
      'samba-dsdb-modules',
      'samba-vfs-modules',
      'winbind',
      'python3-samba',
      'ldb-tools',
      'libuid-wrapper',
    ],
    for: 'run',
  },
  {
    title: 'Kerberos',
    why: "the guest's logon, and the check of a joined computer's account",
    needs: ['kinit', 'klist'],
    debian: ['krb5-user'],
    for: 'run',
  },
  {
    title: 'adcli',
    why: 'joins an installed computer to its domain',
    needs: ['adcli', '/usr/lib/x86_64-linux-gnu/sasl2/libgssapiv2.so|/usr/lib/aarch64-linux-gnu/sasl2/libgssapiv2.so'],
    debian: ['adcli', 'libsasl2-modules-gssapi-mit'],
    for: 'run',
  },
  {
    title: 'cifs-utils and keyutils',
    why: "fetches the guest's Kerberos ticket for its mount",
    needs: ['cifs.upcall', 'request-key'],
    debian: ['cifs-utils', 'keyutils'],
    for: 'run',
  },
  { title: 'wimlib', why: 'WIM images', needs: ['wimlib-imagex'], debian: ['wimtools'], for: 'run' },
  {
    title: 'PXELINUX',
    why: 'the free network boot program',
    needs: [
      '/usr/lib/PXELINUX/pxelinux.0',
      '/usr/lib/syslinux/modules/bios/ldlinux.c32',
      '/usr/lib/syslinux/mbr/mbr.bin',
    ],
    debian: ['pxelinux', 'syslinux-common'],
    for: 'run',
  },
  {
    title: 'EXTLINUX',
    why: 'makes the installed disk bootable',
    needs: ['extlinux'],
    debian: ['extlinux'],
    for: 'run',
  },
  {
    title: 'GRUB',
    why: 'network boot program and boot loader for UEFI',
    needs: ['grub-mkimage', '/usr/lib/grub/x86_64-efi/linux.mod'],
    debian: ['grub-efi-amd64-bin'],
    for: 'run',
  },
  {
    title: 'shim and signed GRUB',
    why: 'boot programs that Secure Boot starts, from the network and from an installed disk',
    needs: [
      '/usr/lib/shim/shimx64.efi.signed',
      '/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed',
      '/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed',
    ],
    debian: ['shim-signed', 'grub-efi-amd64-signed'],
    for: 'run',
    onlyFor: { use: 'bundles', named: 'signed-programs', whose: 'scenarios that start a signed boot program' },
  },
  { title: 'BusyBox', why: "the guest's userland", needs: ['busybox'], debian: ['busybox-static'], for: 'run' },
  { title: 'iproute2', why: "the lab's bridge, taps and namespaces", needs: ['ip'], debian: ['iproute2'], for: 'run' },
  {
    title: 'ethtool',
    why: 'switches offloads off, so that the lab has frames as on a wire',
    needs: ['ethtool'],
    debian: ['ethtool'],
    for: 'run',
  },
  {
    title: 'util-linux',
    why: 'enters and ends namespaces',
    needs: ['unshare', 'nsenter', 'setpriv', 'flock'],
    debian: ['util-linux'],
    for: 'run',
  },
  {
    title: 'sfdisk',
    why: 'divides disks of UEFI computers, and finds the system on installed ones',
    needs: ['sfdisk'],
    debian: ['fdisk'],
    for: 'run',
  },
  {
    title: 'restic and partclone',
    why: "the boot image's programs for backup and restore of disks",
    needs: [
      'restic',
      'partclone.extfs',
      'ntfsresize',
      '/lib/x86_64-linux-gnu/libgcc_s.so.1|/lib/aarch64-linux-gnu/libgcc_s.so.1',
    ],
    debian: ['restic', 'partclone', 'ntfs-3g', 'libgcc-s1'],
    for: 'run',
    onlyFor: { use: 'bundles', named: 'agent-backup', whose: 'backup and restore of disks' },
  },
  {
    title: 'restic and partclone for the hypervisor',
    why: 'saves the disk of a VM that goes on working, and looks into what was saved',
    needs: ['restic', 'partclone.extfs', 'debugfs', 'blkid'],
    debian: ['restic', 'partclone', 'e2fsprogs', 'util-linux'],
    for: 'run',
    onlyFor: { use: 'bundles', named: 'agent-hot', whose: 'backups of a VM that works' },
  },
  {
    title: 'device-mapper',
    why: "the boot image's program for snapshots of a disk that is written meanwhile, and what looks into them",
    needs: ['dmsetup', 'restic', 'partclone.extfs', 'debugfs'],
    debian: ['dmsetup', 'restic', 'partclone', 'e2fsprogs'],
    for: 'run',
    onlyFor: { use: 'bundles', named: 'agent-snapshot', whose: 'computers that save themselves while they work' },
  },
  {
    title: 'restic REST server',
    why: 'the store of disk backups',
    needs: ['restic', 'restic-rest-server'],
    debian: ['restic', 'restic-rest-server'],
    for: 'run',
    onlyFor: { use: 'services', named: 'backup-store', whose: 'backup and restore of disks' },
  },
  {
    title: 'OpenSSL',
    why: 'the certificate of a store of disk backups behind TLS',
    needs: ['openssl'],
    debian: ['openssl'],
    for: 'run',
    onlyFor: { use: 'services', named: 'backup-store', whose: 'backup and restore of disks' },
  },
  {
    title: 'GRUB for a BIOS',
    why: 'boot loader of the bundled disks that a BIOS starts',
    needs: ['grub-mkimage', '/usr/lib/grub/i386-pc/boot.img'],
    debian: ['grub-pc-bin'],
    for: 'run',
    onlyFor: {
      use: 'bundles',
      named: disksFor('bios'),
      whose: `clients whose disk begins with ${disksFor('bios').join(' or ')}`,
    },
  },
  {
    title: 'mtools and dosfstools',
    why: 'EFI system partitions of bundled disks, made without a mount',
    needs: ['mcopy', 'mmd', 'mkfs.fat'],
    debian: ['mtools', 'dosfstools'],
    for: 'run',
    onlyFor: {
      use: 'bundles',
      named: disksFor('uefi'),
      whose: `clients whose disk begins with ${disksFor('uefi').join(' or ')}`,
    },
  },
  {
    title: 'udpcast',
    why: 'sends an image to many receivers at once',
    needs: ['udp-sender', 'udp-receiver'],
    debian: ['udpcast'],
    for: 'run',
    onlyFor: { use: 'services', named: 'multicast', whose: 'images by multicast' },
  },
  {
    title: '7-Zip',
    why: 'lists and recovers files inside backups',
    needs: ['7z'],
    debian: ['7zip'],
    for: 'run',
    onlyFor: { use: 'services', named: 'backup-store', whose: 'backup and restore of disks' },
  },
  {
    title: 'makers of NTFS',
    why: "a bundled disk's NTFS, the same each time: its times come from a clock that stands still",
    needs: ['mkntfs', 'ntfscp', 'faketime'],
    debian: ['ntfs-3g', 'faketime'],
    for: 'run',
    onlyFor: { use: 'bundles', named: 'disks/two-systems', whose: 'clients whose disk begins with disks/two-systems' },
  },
  {
    title: 'readers of FAT and NTFS',
    why: 'compare a restored disk with the one that it is a copy of, without a mount',
    needs: ['mcopy', 'mattrib', 'ntfscat', 'ntfslabel', 'ntfsresize'],
    debian: ['mtools', 'ntfs-3g'],
    for: 'run',
    onlyFor: { use: 'checks', named: 'restored-from', whose: 'scenarios that compare a restored disk' },
  },
  { title: 'tini', why: 'first process of a lab', needs: ['tini'], debian: ['tini'], for: 'run' },
  {
    title: 'e2fsprogs',
    why: 'reads installed disks without mounting them',
    needs: ['debugfs', 'mkfs.ext4'],
    debian: ['e2fsprogs'],
    for: 'run',
  },
  {
    title: 'xz and zstd',
    why: 'build the boot image, and unpack captures for a replay',
    needs: ['xz', 'zstd'],
    debian: ['xz-utils', 'zstd'],
    for: 'run',
  },
  {
    title: 'C compiler',
    why: "builds the agent's client of the WDS control channel",
    needs: ['gcc', '/usr/include/stdio.h'],
    debian: ['gcc', 'libc6-dev'],
    for: 'run',
  },
  {
    title: 'Nettle',
    why: "NTLM's hashes and cipher for that client",
    needs: ['/usr/include/nettle/md4.h'],
    debian: ['nettle-dev'],
    for: 'run',
  },
  {
    title: 'ntfs-3g',
    why: "makes Windows' file systems that comparisons are tested on",
    needs: ['mkntfs'],
    debian: ['ntfs-3g'],
    for: 'test',
  },
  { title: 'cpio', why: 'reads the boot image', needs: ['cpio'], debian: ['cpio'], for: 'test' },
  {
    title: 'iPXE',
    why: 'network boot programs',
    needs: [
      '/usr/lib/ipxe/undionly.kpxe',
      '/usr/lib/ipxe/snponly.efi',
      '/usr/lib/ipxe/ipxe.efi',
      '/usr/lib/ipxe/ipxe-arm64.efi',
    ],
    debian: ['ipxe'],
    for: 'run',
  },
  {
    title: 'TShark',
    why: 'independent check of the decoders',
    needs: ['tshark', 'capinfos', 'editcap'],
    debian: ['tshark'],
    for: 'test',
  },
  {
    title: 'smbclient',
    why: 'independent SMB client',
    needs: ['smbclient'],
    debian: ['smbclient'],
    for: 'test',
  },
  {
    title: 'impacket',
    why: 'independent SMB and RPC client',
    needs: ['/usr/lib/python3/dist-packages/impacket/__init__.py'],
    debian: ['python3-impacket'],
    for: 'test',
  },
  {
    title: 'readers of disk images',
    why: 'independent readers of what a backup is converted to: VMDK, VHD, VHDX, Parallels, QCOW2',
    needs: ['pyvmdk', 'pyvhdi', 'pyphdi', 'pyqcow'].map(pythonModule),
    debian: ['python3-libvmdk', 'python3-libvhdi', 'python3-phdi', 'python3-libqcow'],
    for: 'test',
  },
  {
    title: 'xmllint and libvirt’s schemas',
    why: 'check the descriptions of virtual machines',
    needs: ['xmllint', '/usr/share/libvirt/schemas/domain.rng'],
    debian: ['libxml2-utils', 'libvirt-common'],
    for: 'test',
  },
  { title: 'jq', why: 'one of the guides reads results with it', needs: ['jq'], debian: ['jq'], for: 'test' },
  { title: 'curl', why: 'independent TFTP and HTTP client', needs: ['curl'], debian: ['curl'], for: 'test' },
  { title: 'dnsmasq', why: 'boot server to compare with', needs: ['dnsmasq'], debian: ['dnsmasq-base'], for: 'test' },
  {
    title: 'Chromium',
    why: 'opens the HTML report in a real browser',
    needs: ['/usr/bin/chromium|/usr/bin/chromium-browser|/snap/bin/chromium'],
    debian: ['chromium'],
    ubuntu: ['chromium-browser'],
    for: 'test',
  },
];

/** A module in C of the system's Python: of Debian 13 or Ubuntu 24.04. */
function pythonModule(name: string): string {
  return ['313', '312']
    .flatMap((python) => ['x86_64', 'aarch64'].map((machine) => `cpython-${python}-${machine}-linux-gnu.so`))
    .map((end) => `/usr/lib/python3/dist-packages/${name}.${end}`)
    .join('|');
}

/** What firmwares are made of, but for the one that QEMU brings itself. */
function firmwares(): Requirement[] {
  return FIRMWARE_NAMES.flatMap((firmware) => {
    const { what, flash, binary, packages } = firmwareRow(firmware);
    if (flash === undefined) return [];
    const needs = [binary, flash.code, flash.variables];
    // What needs a QEMU of its own is not installed for the others.
    const onlyFor =
      binary === QEMU
        ? {}
        : { onlyFor: { use: 'firmwares', named: firmware, whose: `clients with firmware ${firmware}` } as const };
    return [{ title: `firmware ${firmware}`, why: what, needs, debian: packages, for: 'run' as const, ...onlyFor }];
  });
}

/**
 * Whether a host must have it: for the project's tests all, for runs what every run needs, and what these runs use.
 * `uses`: nothing special when it is left out.
 */
export function isRequired(
  { for: forWhat, onlyFor }: Requirement,
  purpose: 'run' | 'test',
  uses: RunUses = NOTHING_SPECIAL,
): boolean {
  if (purpose === 'test') return true;
  if (forWhat !== 'run') return false;
  return onlyFor === undefined || [onlyFor.named].flat().some((one) => uses[onlyFor.use]?.includes(one));
}

/** Requirements that the host lacks; costs a few dozen stat calls. */
export function missingRequirements(
  purpose: 'run' | 'test',
  uses?: RunUses,
  path: string = process.env['PATH'] ?? '',
): Requirement[] {
  const folders = programFolders(path);
  return REQUIREMENTS.filter((one) => isRequired(one, purpose, uses) && !isPresent(one, folders));
}

/** What only some runs need: each with whether the host has it. */
export function optionalRequirements(): readonly (readonly [requirement: Requirement, isPresent: boolean])[] {
  const folders = programFolders(process.env['PATH'] ?? '');
  return REQUIREMENTS.filter(({ onlyFor }) => onlyFor !== undefined).map((one) => [one, isPresent(one, folders)]);
}

const isPresent = ({ needs }: Requirement, folders: readonly string[]): boolean =>
  needs.every((need) => present(need, folders));

/** `a|b`: either will do. */
function present(need: string, folders: readonly string[]): boolean {
  return need
    .split('|')
    .some((one) => (one.startsWith('/') ? existsSync(one) : folders.some((folder) => executable(join(folder, one)))));
}

/** Whether a program is on PATH or where administrators' programs are. */
export function hasProgram(name: string, path: string = process.env['PATH'] ?? ''): boolean {
  return present(name, programFolders(path));
}

function programFolders(path: string): string[] {
  return [...path.split(delimiter), '/usr/sbin', '/sbin'];
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
