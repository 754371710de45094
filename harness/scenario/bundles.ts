import type { Firmware } from '#qemu-wrapper/nic-models';
import { AGENT_UEFI_BUNDLES, BUNDLE_CONTENTS, type BundleContents } from '../../vm-images/bundle-contents.ts';

/** Names of a family's bundles: `boot-files/wds` and others for `boot-files`. */
const family = (name: string): string[] => Object.keys(BUNDLE_CONTENTS).filter((other) => other.startsWith(`${name}/`));

/** Bundles that a file service can have as root. */
export const SERVED_BUNDLES: readonly string[] = family('boot-files');

/** Driver packages, by name. */
export const DRIVER_PACKAGES: readonly string[] = family('drivers').map((name) => name.slice('drivers/'.length));

/** Bundles with packages for answer files. */
export const PACKAGE_BUNDLES: readonly string[] = family('packages');

/** What a file service serves when a scenario names no root. */
export const DEFAULT_BUNDLE = 'boot-files/wds';

/** What a file service serves that has the bundle of that name as root; undefined when no bundle for it has the name. */
export function servedBundle(name: string): BundleContents | undefined {
  return SERVED_BUNDLES.includes(name) ? BUNDLE_CONTENTS[name] : undefined;
}

/** Network boot programs that clients get from a root, and the firmware that runs each: its bundle's, and those that are laid beside it. */
export function programsOf(root: string): Readonly<Record<string, Firmware>> {
  const bundle = servedBundle(root);
  const beside = [bundle?.signed, bundle?.arm64].flatMap((name) => (name === undefined ? [] : [BUNDLE_CONTENTS[name]]));
  return Object.assign({}, bundle?.programs, ...beside.map((one) => one?.programs)) as Readonly<
    Record<string, Firmware>
  >;
}

/** Whether a `root` names a folder of the user's and no bundle. */
export function isFolder(root: string): boolean {
  return /^(\.{1,2}([\\/]|$)|[\\/])/.test(root);
}

/** Whether a `root` names a bundle whose boot programs load the agent. */
export function bootsAgent(root: string): boolean {
  return servedBundle(root)?.agent !== undefined;
}

/** The bundle with what the agent needs under a UEFI firmware; undefined for a BIOS. Its one file is `NAME.img`. */
export const uefiBundle = (firmware: Firmware): string | undefined => AGENT_UEFI_BUNDLES[firmware];

/** What every image store holds besides its groups; a bundle of vm-images. */
export const REMINST_BUNDLE = 'reminst';

/**
 * The bundle that holds an image group. Groups that no bundle has are the sample's: the scenario names images of its
 * own.
 */
export function bundleOfGroup(group: string): string {
  return GROUP_BUNDLES[group.toLowerCase()] ?? 'images/linux-sample';
}

/** By a group's name in lower case. */
const GROUP_BUNDLES: Readonly<Record<string, string>> = {
  // Its images share a Res.rwm.
  'linux 2012': 'images/linux-group',
  'linux arm64': 'images/linux-arm64',
};
