import type { Firmware } from '../../protocols/dhcp/wire/architectures.ts';

/** What a bundle of vm-images holds, as far as a scenario can be wrong about it. */
interface ServedBundle {
  /** Network boot programs, paths below the root, and the firmware that runs them; the first one of each is its default. */
  readonly programs: Readonly<Record<string, Firmware>>;
  /** What those load. */
  readonly files: readonly string[];
}

const WDS: ServedBundle = {
  programs: {
    'boot/x86/wdsnbp.com': 'bios',
    'boot/x86/pxeboot.com': 'bios',
    'boot/x86/pxeboot.n12': 'bios',
    'boot/x64/wdsmgfw.efi': 'uefi',
  },
  files: ['boot/x86/ldlinux.c32', 'boot/x86/vmlinuz', 'boot/x86/agent.img', 'boot/x86/pxelinux.cfg/default'],
};

/**
 * Bundles of vm-images that a scenario can serve, by name. A copy, since this folder imports no recipes: a test holds
 * its names against the recipes.
 */
export const SERVED_BUNDLES: Readonly<Record<string, ServedBundle>> = {
  'boot-files/wds': WDS,
  'boot-files/wds-without-rtl8139': WDS,
};

/** Driver packages of vm-images, by name; a copy that the same test holds against the recipes `drivers/NAME`. */
export const DRIVER_PACKAGES: readonly string[] = ['rtl8139'];

/** Bundles with packages for answer files; the same test holds them against the recipes. */
export const PACKAGE_BUNDLES: readonly string[] = ['packages/sample'];

/** What a file service serves when a scenario names no root. */
export const DEFAULT_BUNDLE = 'boot-files/wds';

/** The bundle of that name, or undefined. */
export function servedBundle(name: string): ServedBundle | undefined {
  return Object.hasOwn(SERVED_BUNDLES, name) ? SERVED_BUNDLES[name] : undefined;
}

/** Whether a `root` names a folder of the user's and no bundle. */
export function isFolder(root: string): boolean {
  return /^(\.{1,2}([\\/]|$)|[\\/])/.test(root);
}

/** What every image store holds besides its groups; a bundle of vm-images. */
export const REMINST_BUNDLE = 'reminst';

/** Boot images of that bundle, on the share. */
export const BOOT_IMAGES: readonly string[] = ['Boot\\x64\\Images\\boot.wim', 'Boot\\x64\\Images\\capture.wim'];

/**
 * The bundle that holds an image group. Groups that no bundle has are the sample's: the scenario names images of its
 * own.
 */
export function bundleOfGroup(group: string): string {
  return group.toLowerCase() === SHARED_GROUP.toLowerCase() ? 'images/linux-group' : 'images/linux-sample';
}

/** The group whose images share a Res.rwm. */
const SHARED_GROUP = 'Linux 2012';
