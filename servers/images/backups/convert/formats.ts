/** One way of writing a format: its name, which is qemu-img's, and qemu-img's options for it. */
interface Variant {
  readonly name: string;
  readonly options?: string;
}

interface Format {
  /** Who reads it. */
  readonly for: string;
  /** Name of QEMU's driver. */
  readonly driver: string;
  readonly extension: string;
  /** The first is the default. */
  readonly variants: readonly [Variant, ...Variant[]];
  /** qemu-img can check its structure. */
  readonly isChecked: boolean;
  /** The largest disk that it takes. */
  readonly mostBytes?: number;
  /** It keeps disks with sectors of 4096 bytes: the machine that opens it says how large they are. */
  readonly anySector?: true;
}

const GIB = 2 ** 30;

/** What a backup can be made into. */
export const FORMATS = {
  vmdk: {
    for: 'VMware ESXi, vSphere, Workstation, Fusion',
    driver: 'vmdk',
    extension: 'vmdk',
    // The packed form is what OVF packages hold; the other one is what a machine runs on.
    variants: [
      { name: 'streamOptimized', options: 'subformat=streamOptimized' },
      { name: 'monolithicSparse', options: 'subformat=monolithicSparse' },
    ],
    isChecked: true,
  },
  vhdx: {
    for: 'Microsoft Hyper-V',
    driver: 'vhdx',
    extension: 'vhdx',
    variants: [
      { name: 'dynamic', options: 'subformat=dynamic' },
      { name: 'fixed', options: 'subformat=fixed' },
    ],
    isChecked: true,
  },
  vpc: {
    for: 'Microsoft Hyper-V, Azure and Virtual PC',
    driver: 'vpc',
    extension: 'vhd',
    // Without force_size the size is rounded to whole cylinders, and a GPT's copy is no longer at the end.
    variants: [
      { name: 'dynamic', options: 'subformat=dynamic,force_size=on' },
      { name: 'fixed', options: 'subformat=fixed,force_size=on' },
    ],
    isChecked: false,
    mostBytes: 2040 * GIB,
  },
  parallels: {
    for: 'Parallels Desktop and Virtuozzo',
    driver: 'parallels',
    extension: 'hds',
    variants: [{ name: 'expanding' }],
    isChecked: true,
  },
  qcow2: {
    for: 'KVM: libvirt, virt-manager, Proxmox',
    driver: 'qcow2',
    extension: 'qcow2',
    variants: [{ name: 'sparse' }],
    isChecked: true,
    anySector: true,
  },
  raw: {
    for: 'KVM, Xen, dd',
    driver: 'raw',
    extension: 'img',
    variants: [{ name: 'sparse' }],
    isChecked: false,
    anySector: true,
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];

export function formatNamed(name: FormatName): Format {
  return FORMATS[name];
}

/** Why a format cannot hold a disk, in words; undefined when it can. */
export function whyNot(
  name: FormatName,
  { bytes, sectorBytes }: { bytes: number; sectorBytes: number },
): string | undefined {
  const { mostBytes, anySector } = formatNamed(name);
  if (mostBytes !== undefined && bytes > mostBytes)
    return `expected a disk of at most ${mostBytes / GIB}GiB for --format ${name}, got ${Math.ceil(bytes / GIB)}GiB; --format vhdx takes larger ones`;
  if (anySector !== true && sectorBytes !== 512)
    return `expected a disk with sectors of 512 bytes for --format ${name}, got one with ${sectorBytes}; --format qcow2 and raw keep them`;
  return undefined;
}
