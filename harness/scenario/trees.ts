import { posix } from 'node:path';
import type { Firmware } from '#qemu-wrapper/nic-models';
import { BUNDLE_CONTENTS } from '../../vm-images/bundle-contents.ts';
import { bootFilePath } from '../protocols/base/judge/boot-target.ts';
import {
  bootsAgent,
  bundleOfGroup,
  DEFAULT_BUNDLE,
  isFolder,
  REMINST_BUNDLE,
  servedBundle,
  uefiBundle,
} from './bundles.ts';
import { isSavedByHypervisor, snapshotsOf, usesBackups } from './backups.ts';
import { AUTHORITY_ARCHIVE, CERTIFICATE_FILES, hasTls } from './certificates.ts';
import { choosesIpxe, chosenBundles } from './boot-programs.ts';
import { namedBootFiles } from './checks/named-boot-files.ts';
import { firmwaresOf, groupsOf, joinOf, type FileService } from './defaults.ts';
import { receives } from './multicast.ts';
import { isArm } from './processor.ts';
import type { ScenarioContent } from './schema/scenario.ts';

// What lies in the folders that services serve. The checks look names up here; the plan adds texts and absolute paths.

/** One entry of a tree: a bundle's files or a folder's below `path`, or a single file there. */
export type TreePart =
  | { readonly path: string; readonly bundle: string }
  | { readonly path: string; readonly folder: string }
  | {
      readonly path: string;
      /** `made`: by the lab, in its private folder. */
      readonly file: { readonly text: string } | { readonly file: string } | { readonly made: string };
    };

/** Where PXELINUX looks: below the folder of its own name, which is WDS's boot\x86 in the bundle. */
export const PXELINUX_FOLDER = 'boot/x86';

/** Where a GRUB of the bundles looks, and what its configuration names. */
export interface GrubPlaces {
  /** Where it looks (vm-images/recipes/boot-files-wds.ts and boot-arm64.ts). */
  readonly folder: string;
  /** Kernel and boot image. */
  readonly files: string;
}

/** GRUB on a PC; its kernel and boot image are those of PXELINUX. */
const PC_GRUB: GrubPlaces = { folder: 'boot/x64', files: PXELINUX_FOLDER };
const ARM64_GRUB: GrubPlaces = { folder: 'boot/arm64', files: 'boot/arm64' };
export const GRUBS: readonly GrubPlaces[] = [PC_GRUB, ARM64_GRUB];

/** The GRUB that a firmware starts; undefined for a BIOS. */
export const grubOf = (firmware: Firmware): GrubPlaces | undefined =>
  firmware === 'bios' ? undefined : isArm(firmware) ? ARM64_GRUB : PC_GRUB;

/** A boot program's configurations: for every client, and for one client in its place. */
export interface ConfigurationNames {
  readonly common: string;
  /** The name that the program tries first, by the client's MAC address with colons. */
  readonly ofMac: (mac: string) => string;
}

/** 01 for Ethernet, and the MAC address with hyphens. */
const clientPart = (mac: string): string => `01-${mac.replaceAll(':', '-')}`;

/** Where boot programs look for their configurations (harness/protocols/base/judge/path-names.ts has the sources). */
export const PXELINUX_CONFIGURATIONS: ConfigurationNames = {
  common: `${PXELINUX_FOLDER}/pxelinux.cfg/default`,
  ofMac: (mac) => `${PXELINUX_FOLDER}/pxelinux.cfg/${clientPart(mac)}`,
};
export const grubConfigurations = ({ folder }: GrubPlaces): ConfigurationNames => ({
  common: `${folder}/grub.cfg`,
  ofMac: (mac) => `${folder}/grub.cfg-${clientPart(mac)}`,
});
/** iPXE's script names the kernel and the boot image beside it. */
export const ipxeConfigurations = (script: string): ConfigurationNames => ({
  common: script,
  ofMac: (mac) => `${script}-${clientPart(mac)}`,
});
/** A client's own script, in the words of iPXE's settings, beside the common one. */
export const ownIpxeScript = (script: string): string => [posix.basename(script), '01', '${net0/mac:hexhyp}'].join('-');
const IPXE_BUNDLE = 'boot-files/ipxe';
/** Below PXELINUX's folder: the driver packages that are added to the boot image. */
export const DRIVERS_FOLDER = 'drivers';

/**
 * What a file service's root holds before the scenario's extra files, but for the boot programs' configurations. `firmwares`: those
 * of the VMs that load from it.
 */
export function rootParts(content: ScenarioContent, kind: FileService, firmwares: readonly Firmware[]): TreePart[] {
  const { root = DEFAULT_BUNDLE } = content.services[kind] ?? {};
  if (isFolder(root)) return [{ path: '.', folder: root }];
  return [
    { path: '.', bundle: root },
    ...signedParts(content, root),
    ...arm64Parts(content, root),
    ...(bootsAgent(root) ? agentParts(content, firmwares) : []),
  ];
}

/** Signed boot programs, where a client has Secure Boot or a server names one of them. */
function signedParts(content: ScenarioContent, root: string): TreePart[] {
  const bundle = servedBundle(root)?.signed;
  if (bundle === undefined) return [];
  const isChosen = chosenBundles(content).includes(bundle);
  return isChosen || namesProgramOf(content, bundle) || firmwaresOf(content).includes('uefi-secure-boot')
    ? [{ path: '.', bundle }]
    : [];
}

/** What an Arm computer loads, where there is one. */
function arm64Parts(content: ScenarioContent, root: string): TreePart[] {
  const bundle = servedBundle(root)?.arm64;
  return bundle !== undefined && (firmwaresOf(content).some(isArm) || namesProgramOf(content, bundle))
    ? [{ path: '.', bundle }]
    : [];
}

/** Whether a server of the scenario names a boot program of a bundle. */
function namesProgramOf(content: ScenarioContent, bundle: string): boolean {
  const programs = Object.keys(BUNDLE_CONTENTS[bundle]?.programs ?? {});
  return namedBootFiles(content).some(({ name }) => programs.includes(treePath(bootFilePath(name)).toLowerCase()));
}

/** What the bundled boot image lacks and this scenario's clients need. */
function agentParts(content: ScenarioContent, firmwares: readonly Firmware[]): TreePart[] {
  return [
    ...(choosesIpxe(content) ? [{ path: '.', bundle: IPXE_BUNDLE }] : []),
    ...(content.services.tftp?.['driver-packages'] ?? []).map((name) => ({
      path: `${PXELINUX_FOLDER}/${DRIVERS_FOLDER}`,
      bundle: `drivers/${name}`,
    })),
    ...(usesDirectory(content) ? [{ path: PXELINUX_FOLDER, bundle: 'agent-directory' }] : []),
    ...(content.clients.some(receives) ? [{ path: PXELINUX_FOLDER, bundle: 'agent-multicast' }] : []),
    ...(usesBackups(content) ? [{ path: PXELINUX_FOLDER, bundle: 'agent-backup' }] : []),
    ...(usesBackups(content) && hasTls(content)
      ? [{ path: `${PXELINUX_FOLDER}/${AUTHORITY_ARCHIVE}`, file: { made: CERTIFICATE_FILES.authorityArchive } }]
      : []),
    ...(content.clients.some(isSavedByHypervisor) ? [{ path: PXELINUX_FOLDER, bundle: 'agent-hot' }] : []),
    ...(content.clients.some((client) => snapshotsOf(client) !== undefined)
      ? [{ path: PXELINUX_FOLDER, bundle: 'agent-snapshot' }]
      : []),
    ...[...new Set(firmwares.flatMap((firmware) => uefiBundle(firmware) ?? []))].map((bundle) => ({
      path: PXELINUX_FOLDER,
      bundle,
    })),
  ];
}

/** Whether a client logs on by Kerberos or joins the domain: the boot image has no programs for either. */
export function usesDirectory(content: ScenarioContent): boolean {
  return content.clients.some(
    ({ name, agent }) => agent?.logon?.authentication === 'kerberos' || joinOf(content, name) !== undefined,
  );
}

/** RemInst: the user's own, or the share's folders and boot images and the groups that the scenario names; additions. */
export function storeParts(content: ScenarioContent): TreePart[] {
  const { root, packages, files = {} } = content.services.images ?? {};
  const bundles = [REMINST_BUNDLE, ...new Set(groupsOf(content).flatMap(([group]) => bundleOfGroup(group)))];
  return [
    ...(root === undefined ? bundles.map((bundle) => ({ path: '.', bundle })) : [{ path: '.', folder: root }]),
    ...(packages === undefined
      ? []
      : [{ path: 'Packages', ...(isFolder(packages) ? { folder: packages } : { bundle: packages }) }]),
    ...(content.services.images?.['driver-packages'] ?? []).map((name) => ({
      path: 'DriverPackages',
      bundle: `drivers/${name}`,
    })),
    ...extraParts(files),
  ];
}

/** Single files that a scenario adds. */
export function extraParts(
  files: Readonly<Record<string, { readonly text: string } | { readonly file: string }>> = {},
): TreePart[] {
  return Object.entries(files).map(([name, file]) => ({ path: treePath(name), file }));
}

/** A name on the wire as a relative path of a tree: TFTP servers of Windows take both slashes. */
export function treePath(name: string): string {
  // Joined to a root first, `..` cannot leave it.
  return posix.join('/', name.replaceAll('\\', '/')).slice(1);
}
