import type { Requirement } from './requirement.ts';

/** What only the project's own tests need. */
export const REQUIREMENTS_OF_TESTS: readonly Requirement[] = [
  {
    title: 'ntfs-3g',
    why: "makes Windows' file systems that comparisons are tested on",
    needs: ['mkntfs'],
    debian: ['ntfs-3g'],
  },
  { title: 'cpio', why: 'reads the boot image', needs: ['cpio'], debian: ['cpio'] },
  {
    title: 'TShark',
    why: 'independent check of the decoders',
    needs: ['tshark', 'capinfos', 'editcap'],
    debian: ['tshark'],
  },
  {
    title: 'smbclient',
    why: 'independent SMB client',
    needs: ['smbclient'],
    debian: ['smbclient'],
  },
  {
    title: 'impacket',
    why: 'independent SMB and RPC client',
    needs: ['/usr/lib/python3/dist-packages/impacket/__init__.py'],
    debian: ['python3-impacket'],
  },
  {
    title: 'readers of disk images',
    why: 'independent readers of what a backup is converted to: VMDK, VHD, VHDX, Parallels, QCOW2',
    needs: ['pyvmdk', 'pyvhdi', 'pyphdi', 'pyqcow'].map(pythonModule),
    debian: ['python3-libvmdk', 'python3-libvhdi', 'python3-phdi', 'python3-libqcow'],
  },
  {
    title: 'xmllint and libvirt’s schemas',
    why: 'check the descriptions of virtual machines',
    needs: ['xmllint', '/usr/share/libvirt/schemas/domain.rng'],
    debian: ['libxml2-utils', 'libvirt-common'],
  },
  { title: 'jq', why: 'one of the guides reads results with it', needs: ['jq'], debian: ['jq'] },
  { title: 'curl', why: 'independent TFTP and HTTP client', needs: ['curl'], debian: ['curl'] },
  { title: 'dnsmasq', why: 'boot server to compare with', needs: ['dnsmasq'], debian: ['dnsmasq-base'] },
  {
    title: 'Chromium',
    why: 'opens the HTML report in a real browser',
    needs: ['/usr/bin/chromium|/usr/bin/chromium-browser|/snap/bin/chromium'],
    debian: ['chromium'],
    ubuntu: ['chromium-browser'],
  },
];

/** A module in C of the system's Python: of Debian 13 or Ubuntu 24.04. */
function pythonModule(name: string): string {
  return ['313', '312']
    .flatMap((python) => ['x86_64', 'aarch64'].map((machine) => `cpython-${python}-${machine}-linux-gnu.so`))
    .map((end) => `/usr/lib/python3/dist-packages/${name}.${end}`)
    .join('|');
}
