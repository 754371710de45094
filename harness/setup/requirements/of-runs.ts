import { FIRMWARE_NAMES, firmwareRow, PXE_ROM_FILES } from '#qemu-wrapper/nic-models';
import { disksFor } from '../../../vm-images/bundle-contents.ts';
import type { Requirement } from './requirement.ts';

/** The QEMU that every run needs. */
const QEMU = 'qemu-system-x86_64';

/** What runs need: all of them, or those that `onlyFor` names. */
export const REQUIREMENTS_OF_RUNS: readonly Requirement[] = [
  {
    title: 'QEMU',
    why: 'the VMs that boot',
    needs: [QEMU, 'qemu-img'],
    debian: ['qemu-system-x86', 'qemu-utils'],
  },
  {
    title: 'PXE option ROMs',
    why: 'the network cards boot with them, under BIOS and UEFI',
    needs: PXE_ROM_FILES.map((rom) => `/usr/share/qemu/${rom}|/usr/lib/ipxe/qemu/${rom}`),
    debian: ['ipxe-qemu'],
  },
  ...firmwares(),
  {
    title: 'swtpm',
    why: 'the TPM of a VM',
    needs: ['swtpm'],
    debian: ['swtpm'],
    onlyFor: { use: 'devices', named: 'tpm', whose: 'clients with a TPM' },
  },
  {
    title: 'radvd',
    why: 'router advertisements, for boots over IPv6',
    needs: ['radvd'],
    debian: ['radvd'],
    onlyFor: { use: 'services', named: 'router-advertisements', whose: 'scenarios with router advertisements' },
  },
  { title: 'tcpdump', why: 'the capture that verdicts come from', needs: ['tcpdump'], debian: ['tcpdump'] },
  {
    title: 'Samba',
    why: 'NTLM logon and the image share',
    needs: ['smbd', 'pdbedit'],
    debian: ['samba', 'samba-common-bin'],
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
  },
  {
    title: 'Kerberos',
    why: "the guest's logon, and the check of a joined computer's account",
    needs: ['kinit', 'klist'],
    debian: ['krb5-user'],
  },
  {
    title: 'adcli',
    why: 'joins an installed computer to its domain',
    needs: ['adcli', '/usr/lib/x86_64-linux-gnu/sasl2/libgssapiv2.so|/usr/lib/aarch64-linux-gnu/sasl2/libgssapiv2.so'],
    debian: ['adcli', 'libsasl2-modules-gssapi-mit'],
  },
  {
    title: 'cifs-utils and keyutils',
    why: "fetches the guest's Kerberos ticket for its mount",
    needs: ['cifs.upcall', 'request-key'],
    debian: ['cifs-utils', 'keyutils'],
  },
  { title: 'wimlib', why: 'WIM images', needs: ['wimlib-imagex'], debian: ['wimtools'] },
  {
    title: 'PXELINUX',
    why: 'the free network boot program',
    needs: [
      '/usr/lib/PXELINUX/pxelinux.0',
      '/usr/lib/syslinux/modules/bios/ldlinux.c32',
      '/usr/lib/syslinux/mbr/mbr.bin',
    ],
    debian: ['pxelinux', 'syslinux-common'],
  },
  {
    title: 'EXTLINUX',
    why: 'makes the installed disk bootable',
    needs: ['extlinux'],
    debian: ['extlinux'],
  },
  {
    title: 'GRUB',
    why: 'network boot program and boot loader for UEFI',
    needs: ['grub-mkimage', '/usr/lib/grub/x86_64-efi/linux.mod'],
    debian: ['grub-efi-amd64-bin'],
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
    onlyFor: { use: 'bundles', named: 'signed-programs', whose: 'scenarios that start a signed boot program' },
  },
  { title: 'BusyBox', why: "the guest's userland", needs: ['busybox'], debian: ['busybox-static'] },
  { title: 'iproute2', why: "the lab's bridge, taps and namespaces", needs: ['ip'], debian: ['iproute2'] },
  {
    title: 'ethtool',
    why: 'switches offloads off, so that the lab has frames as on a wire',
    needs: ['ethtool'],
    debian: ['ethtool'],
  },
  {
    title: 'util-linux',
    why: 'enters and ends namespaces',
    needs: ['unshare', 'nsenter', 'setpriv', 'flock'],
    debian: ['util-linux'],
  },
  {
    title: 'sfdisk',
    why: 'divides disks of UEFI computers, and finds the system on installed ones',
    needs: ['sfdisk'],
    debian: ['fdisk'],
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
    onlyFor: { use: 'bundles', named: 'agent-backup', whose: 'backup and restore of disks' },
  },
  {
    title: 'restic and partclone for the hypervisor',
    why: 'saves the disk of a VM that goes on working, and looks into what was saved',
    needs: ['restic', 'partclone.extfs', 'debugfs', 'blkid'],
    debian: ['restic', 'partclone', 'e2fsprogs', 'util-linux'],
    onlyFor: { use: 'bundles', named: 'agent-hot', whose: 'backups of a VM that works' },
  },
  {
    title: 'device-mapper',
    why: "the boot image's program for snapshots of a disk that is written meanwhile, and what looks into them",
    needs: ['dmsetup', 'restic', 'partclone.extfs', 'debugfs'],
    debian: ['dmsetup', 'restic', 'partclone', 'e2fsprogs'],
    onlyFor: { use: 'bundles', named: 'agent-snapshot', whose: 'computers that save themselves while they work' },
  },
  {
    title: 'restic REST server',
    why: 'the store of disk backups',
    needs: ['restic', 'restic-rest-server'],
    debian: ['restic', 'restic-rest-server'],
    onlyFor: { use: 'services', named: 'backup-store', whose: 'backup and restore of disks' },
  },
  {
    title: 'OpenSSL',
    why: 'the certificate of a store of disk backups behind TLS',
    needs: ['openssl'],
    debian: ['openssl'],
    onlyFor: { use: 'services', named: 'backup-store', whose: 'backup and restore of disks' },
  },
  {
    title: 'GRUB for a BIOS',
    why: 'boot loader of the bundled disks that a BIOS starts',
    needs: ['grub-mkimage', '/usr/lib/grub/i386-pc/boot.img'],
    debian: ['grub-pc-bin'],
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
    onlyFor: { use: 'services', named: 'multicast', whose: 'images by multicast' },
  },
  {
    title: '7-Zip',
    why: 'lists and recovers files inside backups',
    needs: ['7z'],
    debian: ['7zip'],
    onlyFor: { use: 'services', named: 'backup-store', whose: 'backup and restore of disks' },
  },
  {
    title: 'makers of NTFS',
    why: "a bundled disk's NTFS, the same each time: its times come from a clock that stands still",
    needs: ['mkntfs', 'ntfscp', 'faketime'],
    debian: ['ntfs-3g', 'faketime'],
    onlyFor: { use: 'bundles', named: 'disks/two-systems', whose: 'clients whose disk begins with disks/two-systems' },
  },
  {
    title: 'readers of FAT and NTFS',
    why: 'compare a restored disk with the one that it is a copy of, without a mount',
    needs: ['mcopy', 'mattrib', 'ntfscat', 'ntfslabel', 'ntfsresize'],
    debian: ['mtools', 'ntfs-3g'],
    onlyFor: { use: 'checks', named: 'restored-from', whose: 'scenarios that compare a restored disk' },
  },
  { title: 'tini', why: 'first process of a lab', needs: ['tini'], debian: ['tini'] },
  {
    title: 'e2fsprogs',
    why: 'reads installed disks without mounting them',
    needs: ['debugfs', 'mkfs.ext4'],
    debian: ['e2fsprogs'],
  },
  {
    title: 'xz and zstd',
    why: 'build the boot image, and unpack captures for a replay',
    needs: ['xz', 'zstd'],
    debian: ['xz-utils', 'zstd'],
  },
  {
    title: 'C compiler',
    why: "builds the agent's client of the WDS control channel",
    needs: ['gcc', '/usr/include/stdio.h'],
    debian: ['gcc', 'libc6-dev'],
  },
  {
    title: 'Nettle',
    why: "NTLM's hashes and cipher for that client",
    needs: ['/usr/include/nettle/md4.h'],
    debian: ['nettle-dev'],
  },
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
  },
];

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
    return [{ title: `firmware ${firmware}`, why: what, needs, debian: packages, ...onlyFor }];
  });
}
