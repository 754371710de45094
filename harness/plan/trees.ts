import { resolve } from 'node:path';
import { WINDOWS_ARCHITECTURES } from '../protocols/wim/wire/architectures.ts';
import type { AgentOptions, ImageOptions } from '../../vm-images/agent-options.ts';
import {
  grubConfig,
  ipxeScript,
  pxelinuxConfig,
  type BootMenu,
  type BootOptions,
  type IpxeLookups,
} from '../../vm-images/boot-configurations.ts';
import { domainBundleName } from '../../vm-images/domain-names.ts';
import { besideRom, ipxeScriptOf, isIpxe } from '../scenario/boot-programs.ts';
import { DEFAULT_BUNDLE, bootsAgent, uefiBundle } from '../scenario/bundles.ts';
import {
  addressesOf,
  directoryOf,
  FILE_SERVICES,
  type FileService,
  imagePaths,
  joinOf,
  usersOf,
} from '../scenario/defaults.ts';
import { imageChoice } from '../scenario/image-choice.ts';
import { needsBackupPrograms, recoversFiles, snapshotsOf } from '../scenario/backups.ts';
import { AUTHORITY_ARCHIVE, hasTls } from '../scenario/certificates.ts';
import { bootMenuOf } from '../scenario/boot-menu.ts';
import { receives } from '../scenario/multicast.ts';
import { isArm } from '../scenario/processor.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { AgentMode } from '../scenario/schema/agent-modes.ts';
import {
  type ConfigurationNames,
  DRIVERS_FOLDER,
  extraParts,
  grubConfigurations,
  grubOf,
  type GrubPlaces,
  GRUBS,
  ipxeConfigurations,
  ownIpxeScript,
  PXELINUX_CONFIGURATIONS,
  rootParts,
  storeParts,
  treePath,
  type TreePart,
  usesDirectory,
} from '../scenario/trees.ts';
import { backupOptions } from './services/backups.ts';
import { recoverOptions } from './services/recoveries.ts';
import { multicastPort } from './services/multicast.ts';
import { controlEndpoint } from './services/control.ts';
import { DOMAIN_ROOT, planDirectory } from './services/directory.ts';
import { accountDomain, shareName } from './services/images.ts';
import { defined } from '../../servers/service/defined.ts';
import type { ClientPlan, DamagePlan, TreePlan } from './plan.ts';
import { imagesRoot } from './state-folder.ts';

type Entry = TreePlan['entries'][number];
type ImageDamage = NonNullable<NonNullable<Scenario['services']['images']>['damage']>[string];
/** A damage without its path; distributes over its kinds. */
type DamageDone = DamagePlan extends infer T ? (T extends DamagePlan ? Omit<T, 'path'> : never) : never;

/** Root of a file service's tree inside the run's private folder. */
export const TREE_ROOTS = { tftp: '${run}/tftp', http: '${run}/http' } as const;

/**
 * The folders that services serve: a bundle or the user's own folder, the agent's configuration, the scenario's extra
 * files.
 */
export function planTrees(scenario: Scenario, clients: readonly ClientPlan[]): readonly TreePlan[] {
  const files = FILE_SERVICES.flatMap((kind) => (scenario.services[kind] ? [fileTree(scenario, kind, clients)] : []));
  const images = scenario.services.images ? [imagesTree(scenario)] : [];
  const directory = directoryOf(scenario);
  const domain: TreePlan[] = directory
    ? [{ root: DOMAIN_ROOT, entries: [{ path: '.', bundle: domainBundleName(directory) }] }]
    : [];
  return [...files, ...images, ...domain];
}

/** A part of a tree as the lab lays it out. */
function entryOf(part: TreePart, folder: string): Entry {
  if ('bundle' in part) return part;
  if ('folder' in part) return { path: part.path, source: resolve(folder, part.folder) };
  if ('made' in part.file) return { path: part.path, source: part.file.made };
  return {
    path: part.path,
    ...('text' in part.file ? { text: part.file.text } : { source: resolve(folder, part.file.file) }),
  };
}

function imagesTree(scenario: Scenario): TreePlan {
  const damage = Object.entries(scenario.services.images?.damage ?? {}).map(([path, how]) => ({
    path: treePath(path),
    ...planDamage(how),
  }));
  return {
    root: imagesRoot(scenario),
    entries: storeParts(scenario).map((part) => entryOf(part, scenario.source.folder)),
    ...(damage.length === 0 ? {} : { damage }),
    ...defined({ capacityMiB: scenario.services.images?.capacity }),
    ...(scenario.services.state === undefined ? {} : { once: true }),
  };
}

function planDamage(damage: ImageDamage): DamageDone {
  if ('truncate' in damage) return { keepPercent: Number.parseInt(damage.truncate, 10) };
  return 'architecture' in damage
    ? { architecture: WINDOWS_ARCHITECTURES[damage.architecture] }
    : { flipByteAt: damage['flip-byte-at'] };
}

function fileTree(scenario: Scenario, kind: FileService, clients: readonly ClientPlan[]): TreePlan {
  const { files, root = DEFAULT_BUNDLE, without = [] } = scenario.services[kind] ?? {};
  const { folder } = scenario.source;
  const firmwares = clients.flatMap(({ plays, firmware }) => (plays === undefined ? [firmware] : []));
  const entries = (parts: readonly TreePart[]): Entry[] => parts.map((part) => entryOf(part, folder));
  return {
    root: TREE_ROOTS[kind],
    entries: [
      ...entries(rootParts(scenario, kind, firmwares)),
      ...(bootsAgent(root) ? configurations(scenario, clients) : []),
      ...entries(extraParts(files)),
    ],
    ...(without.length === 0 ? {} : { without: without.map(treePath) }),
  };
}

const DIRECTORY_PROGRAMS = 'directory.img';
const BACKUP_PROGRAMS = 'backup.img';
const GUEST_AGENT = 'hot.img';
const SNAPSHOT_PROGRAMS = 'snapshot.img';
const MULTICAST_PROGRAMS = 'multicast.img';

/** The GRUB that a client boots; undefined for one that plays, and for a BIOS. */
function bootedGrub({ plays, firmware }: ClientPlan): GrubPlaces | undefined {
  return plays === undefined ? grubOf(firmware) : undefined;
}

function bootsPxelinux({ plays, firmware }: ClientPlan): boolean {
  return plays !== undefined || firmware === 'bios';
}

/**
 * The archives that the boot program loads as one initramfs: the boot image, then the scenario's additions, whose files
 * replace those before them.
 */
/** Whether the agent installs in this role, which is the one of a client that names none. */
const isInstallation = (mode: AgentMode | undefined): boolean => mode === undefined || mode === 'install';

function initrdOf(scenario: Scenario, client: ClientPlan, mode: AgentMode | undefined): readonly string[] {
  const own = scenario.clients.find(({ name }) => name === client.name);
  // The agent for Arm has what UEFI needs in itself, and no additions.
  if (isArm(client.firmware)) return ['agent.img'];
  const uefi = client.plays === undefined ? uefiBundle(client.firmware) : undefined;
  return [
    'agent.img',
    ...(uefi === undefined ? [] : [`${uefi}.img`]),
    ...(usesDirectory(scenario) ? [DIRECTORY_PROGRAMS] : []),
    ...(needsBackupPrograms(mode, own) ? [BACKUP_PROGRAMS, ...(hasTls(scenario) ? [AUTHORITY_ARCHIVE] : [])] : []),
    ...(mode === 'work' ? [own && snapshotsOf(own) !== undefined ? SNAPSHOT_PROGRAMS : GUEST_AGENT] : []),
    ...(isInstallation(mode) && own && receives(own) ? [MULTICAST_PROGRAMS] : []),
    ...(scenario.services.tftp?.['driver-packages'] ?? []).map((name) => `${DRIVERS_FOLDER}/${name}.img`),
  ];
}

/** The boot programs' configurations: one for everybody with that firmware, and one for each client that differs from it. */
function configurations(scenario: Scenario, clients: readonly ClientPlan[]): Entry[] {
  const boots = clients.map((client, index) => ({
    client,
    isIpxe: bootsIpxe(scenario, index),
    starts: startsOf(scenario, index, client),
    program: ipxeBesideRom(scenario, index, client),
  }));
  const ofProgram = (
    texts: readonly { readonly client: ClientPlan; readonly text: string }[],
    { common, ofMac }: ConfigurationNames,
  ): Entry[] => {
    const [first] = texts;
    if (first === undefined) return [];
    return [
      { path: common, text: first.text },
      ...texts.flatMap(({ client, text }) => (text === first.text ? [] : [{ path: ofMac(client.mac), text }])),
    ];
  };
  return [
    ...ofProgram(
      boots
        .filter(({ client }) => bootsPxelinux(client))
        .map(({ client, starts }) => ({ client, text: pxelinuxConfig(starts) })),
      PXELINUX_CONFIGURATIONS,
    ),
    ...GRUBS.flatMap((grub) =>
      ofProgram(
        boots
          .filter(({ client, isIpxe }) => bootedGrub(client) === grub && !isIpxe)
          .map(({ client, starts }) => ({ client, text: grubConfig(starts, grub.files) })),
        grubConfigurations(grub),
      ),
    ),
    ...Map.groupBy(
      boots.filter(({ isIpxe }) => isIpxe),
      ({ client }) => (client.plays === undefined ? ipxeScriptOf(client.firmware) : ''),
    )
      .entries()
      .flatMap(([script, some]) => ipxeScripts(script, some)),
  ];
}

/** What a client's boot program starts: the boot image at once, or an entry of a menu. */
function startsOf(scenario: Scenario, index: number, client: ClientPlan): BootOptions | BootMenu {
  const processor = isArm(client.firmware) ? 'arm64' : 'x64';
  const starts = (mode: AgentMode | undefined): BootOptions => ({
    agent: agentOptions(scenario, index, mode),
    processor,
    initrd: initrdOf(scenario, client, mode),
  });
  const menu = bootMenuOf(scenario, index);
  if (menu === undefined) return starts(scenario.clients[index]?.agent?.mode);
  return {
    ...menu,
    entries: menu.entries.map(({ mode, ...entry }) => ({
      ...entry,
      starts: starts(mode),
    })),
  };
}

function bootsIpxe(scenario: Scenario, index: number): boolean {
  const program = scenario.clients[index]?.['boot-program'];
  return program !== undefined && isIpxe(program);
}

/** The chosen iPXE of a client whose card's ROM is iPXE, too. */
function ipxeBesideRom(scenario: Scenario, index: number, client: ClientPlan): ReturnType<typeof besideRom> {
  const program = scenario.clients[index]?.['boot-program'];
  return program === undefined || client.plays !== undefined ? undefined : besideRom(program, client.firmware);
}

/** iPXE tries no names by itself: the common script looks for a client's own one where there is any. */
function ipxeScripts(
  script: string,
  boots: readonly {
    readonly client: ClientPlan;
    readonly starts: BootOptions | BootMenu;
    readonly program: IpxeLookups['program'];
  }[],
): Entry[] {
  const [first, ...others] = boots;
  if (first === undefined) return [];
  const { common, ofMac } = ipxeConfigurations(script);
  const text = ipxeScript(first.starts, first);
  const own = others.flatMap(({ client, starts, program }): Entry[] => {
    const other = ipxeScript(starts, { program });
    return other === text ? [] : [{ path: ofMac(client.mac), text: other }];
  });
  const looks = ipxeScript(first.starts, {
    program: first.program,
    others: own.length === 0 ? undefined : ownIpxeScript(script),
  });
  return [{ path: common, text: looks }, ...own];
}

/**
 * Options for the agent of the n-th client, in its own role or in that of a menu's entry: it saves or restores its disk, recovers files, or
 * does something with an image.
 */
function agentOptions(scenario: Scenario, index: number, mode: AgentMode | undefined): AgentOptions {
  const client = scenario.clients[index];
  const images = imageOptions(scenario, index, mode);
  if (client && mode === 'recover' && recoversFiles(client)) return recoverOptions(scenario, client, images);
  return (client && backupOptions(scenario, client, mode)) ?? images;
}

/** Without an image store there is nothing to install: the agent only comes up. */
function imageOptions(scenario: Scenario, index: number, mode: AgentMode | undefined): ImageOptions {
  const addresses = addressesOf(scenario);
  const users = usersOf(scenario);
  const agent = scenario.clients[index]?.agent;
  const user = users.find((other) => other.name.toLowerCase() === agent?.logon?.user.toLowerCase()) ?? users[0];
  const wanted = agent?.image ?? imagePaths(scenario)[0];
  const image = wanted === undefined ? undefined : imageChoice(wanted);
  const directory = planDirectory(scenario);
  const join = joinOf(scenario, scenario.clients[index]?.name ?? '');
  const control = controlEndpoint(scenario);
  const server = addresses.images ?? addresses.tftp ?? addresses.http ?? '';
  return {
    mode: !scenario.services.images ? 'shell' : mode === 'capture' ? 'capture' : 'install',
    server,
    share: shareName(scenario),
    domain: accountDomain(scenario),
    user: agent?.logon?.user ?? user?.name ?? '',
    password: agent?.logon?.password ?? user?.password ?? '',
    ...(directory === undefined
      ? {}
      : {
          authentication: agent?.logon?.authentication ?? 'ntlm',
          realm: directory.realm,
          controller: directory.controller,
        }),
    ...defined({ join, image: image?.file, imageIndex: image?.index, imageName: image?.name }),
    unattended: agent?.unattended ?? true,
    ...defined({ multicast: isInstallation(mode) ? multicastPort(scenario, scenario.clients[index]) : undefined }),
    ...(control === undefined
      ? {}
      : { control: control.port === undefined ? control.server : `${control.server}:${control.port}` }),
  };
}
