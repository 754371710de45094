import { firmwareRow, type Firmware } from '#qemu-wrapper/nic-models';
import type { ArchitectureWord } from '../protocols/dhcp/wire/architectures.ts';
import { isSavedByHypervisor } from './backups.ts';
import { chosenFiles } from './boot-programs.ts';
import { DEFAULT_BUNDLE, programsOf } from './bundles.ts';
import { bringsDisk } from './client-order.ts';
import { formatIpv4, parseIpv4, parseRange, parseSubnet, type Subnet } from './schema/ipv4.ts';
import { REFERENCE_LAB } from '../../servers/service/reference-lab.ts';
import type { ScenarioContent } from './schema/scenario.ts';

// Values for what a scenario leaves out. The checks and the plan both take them from here, so that they agree.

export const DEFAULT_SUBNET = `${REFERENCE_LAB.subnet}/${REFERENCE_LAB.prefixLength}`;
/**
 * Longest story of a client when the scenario names none: a whole installation without acceleration on a busy host.
 */
export const DEFAULT_TIMEOUT_MS = 300_000;

/** Where in a subnet the reference trace has its server: .207. */
const SERVER_OFFSET = (parseIpv4(REFERENCE_LAB.server) ?? 0) - (parseIpv4(REFERENCE_LAB.subnet) ?? 0);

/** Services that live at an address. */
export const ADDRESSED = [
  'dhcp',
  'dhcpv6',
  'router-advertisements',
  'pxe',
  'second-pxe',
  'tftp',
  'http',
  'authentication',
  'images',
  'control',
  'backups',
  'multicast',
] as const;
export type AddressedService = (typeof ADDRESSED)[number];

/** Services that serve boot files. */
export const FILE_SERVICES = ['tftp', 'http'] as const;
export type FileService = (typeof FILE_SERVICES)[number];

/** The lab's subnet. */
export function subnetOf(content: ScenarioContent): Subnet {
  const subnet = parseSubnet(content.network?.subnet ?? DEFAULT_SUBNET);
  if (subnet === undefined)
    throw new TypeError(`expected a subnet that the schema has checked, got ${content.network?.subnet ?? 'nothing'}`);
  return subnet;
}

/**
 * The IPv4 address of each service that the scenario has. DHCP is the first address of the subnet, and so is what IPv6 has
 * in its place; the boot server is the
 * reference trace's .207, or the second address where the subnet is too small; the others are where the boot server is,
 * and without one they are at the boot server's default address; backups and multicast are where the images are. The shares of a domain are on its controller; who
 * decides about logons without a domain is the file server itself.
 */
export function addressesOf(content: ScenarioContent): Partial<Record<AddressedService, string>> {
  const subnet = subnetOf(content);
  const { services } = content;
  const server = defaultServer(content);
  const boot = services.pxe?.at ?? services.tftp?.at ?? formatIpv4(server);
  const dhcp = formatIpv4(subnet.network + 1);
  const dhcpv6 = services.dhcpv6?.at ?? services.dhcp?.at ?? dhcp;
  const fallback: Record<AddressedService, string> = {
    dhcp,
    dhcpv6,
    'router-advertisements': dhcpv6,
    pxe: boot,
    'second-pxe': formatIpv4(server + 1),
    tftp: boot,
    http: boot,
    authentication: services.images?.at ?? boot,
    images: services.authentication?.at ?? boot,
    control: boot,
    backups: services.images?.at ?? services.authentication?.at ?? boot,
    multicast: services.images?.at ?? services.authentication?.at ?? boot,
  };
  return Object.fromEntries(
    ADDRESSED.flatMap((kind) =>
      services[kind] && (kind !== 'authentication' || services.authentication?.kind === 'active-directory')
        ? [[kind, services[kind].at ?? fallback[kind]]]
        : [],
    ),
  );
}

/** Whether clients are sent to a boot file server that is none of the scenario's own services. */
export function hasForeignNextServer(content: ScenarioContent): boolean {
  const own = Object.values(addressesOf(content));
  return (['dhcp', 'pxe', 'second-pxe'] as const).some((kind) => {
    const next = content.services[kind]?.['next-server'];
    return next !== undefined && !own.includes(next);
  });
}

/** Address from which the hypervisor of a client writes to the store of backups. */
export function hypervisorOf(
  { name, 'hot-backups': hot }: ScenarioContent['clients'][number],
  content: ScenarioContent,
): string {
  // One for each: what comes from there is told of its client.
  const working = content.clients.filter(isSavedByHypervisor).findIndex((one) => one.name === name);
  return hot?.at ?? formatIpv4(defaultServer(content) - 1 - Math.max(0, working));
}

/** Where a boot server is unless the scenario says so. */
function defaultServer(content: ScenarioContent): number {
  const { network, broadcast } = subnetOf(content);
  return network + SERVER_OFFSET < broadcast ? network + SERVER_OFFSET : network + 2;
}

/** Addresses of all hosts: of services, of the user's own programs, and of hypervisors. */
export function hostAddresses(content: ScenarioContent): readonly string[] {
  const programs = (content.services.programs ?? []).map(({ at }) => at);
  const hypervisors = content.clients.flatMap((client) =>
    isSavedByHypervisor(client) ? [hypervisorOf(client, content)] : [],
  );
  return [...new Set([...Object.values(addressesOf(content)), ...programs, ...hypervisors])];
}

/** Most addresses of a default range: more clients than a lab starts, few enough to list. */
const MOST_ADDRESSES = 4096;

/** Addresses to give away: those of the scenario, else the longest run of the subnet that no host has. */
export function rangeOf(content: ScenarioContent): { readonly first: number; readonly last: number } {
  const given = content.services.dhcp?.range;
  const parsed = given === undefined ? undefined : parseRange(given);
  if (parsed) return parsed;
  const subnet = subnetOf(content);
  const hosts = hostAddresses(content)
    .flatMap((address) => parseIpv4(address) ?? [])
    .filter((address) => address > subnet.network && address < subnet.broadcast);
  const borders = [subnet.network, ...hosts, subnet.broadcast].toSorted((a, b) => a - b);
  const runs = borders.slice(1).map((border, index) => ({ first: (borders[index] ?? border) + 1, last: border - 1 }));
  const longest = runs.reduce((best, run) => (run.last - run.first > best.last - best.first ? run : best));
  return { first: longest.first, last: Math.min(longest.last, longest.first + MOST_ADDRESSES - 1) };
}

/** Image paths on the share, `Images\group\image`, in the order of the scenario. */
export function imagePaths(content: ScenarioContent): readonly string[] {
  return groupsOf(content).flatMap(([group, images]) => images.map((image) => `Images\\${group}\\${image}`));
}

/** Image groups with their images, in the order of the scenario. */
export function groupsOf(content: ScenarioContent): readonly (readonly [group: string, images: readonly string[]])[] {
  return content.services.images === undefined ? [] : Object.entries(content.services.images.groups ?? DEFAULT_GROUPS);
}
const DEFAULT_GROUPS: Readonly<Record<string, readonly string[]>> = { Linux: ['sample.wim'] };

/** Users of the image store. */
export function usersOf(
  content: ScenarioContent,
): readonly NonNullable<NonNullable<ScenarioContent['services']['authentication']>['users']>[number][] {
  return content.services.authentication?.users ?? [REFERENCE_LAB.account];
}

/** The domain that a scenario has, and where its controller is; undefined without one. */
export function directoryOf(
  content: ScenarioContent,
): { readonly realm: string; readonly domain: string; readonly host: string; readonly address: string } | undefined {
  const { authentication } = content.services;
  const address = addressesOf(content).authentication;
  if (authentication?.kind !== 'active-directory' || address === undefined) return undefined;
  const domain = (authentication.domain ?? REFERENCE_LAB.domain).toUpperCase();
  return {
    realm: authentication.realm ?? `${domain.toLowerCase()}.lab`,
    domain,
    host: REFERENCE_LAB.serverName,
    address,
  };
}

/**
 * The computer account that a client's installed system gets in the scenario's domain; undefined when it joins none.
 */
export function joinOf(content: ScenarioContent, client: string): string | undefined {
  if (directoryOf(content) === undefined) return undefined;
  const known = content.services.devices?.known?.find(
    (device) => device.client?.toLowerCase() === client.toLowerCase(),
  );
  return known?.join === undefined ? undefined : known.name?.toUpperCase();
}

/** Roots of the scenario's boot file services, or of these of them: names of bundles, and folders of the user's. */
export function rootsOf(
  { services }: Pick<ScenarioContent, 'services'>,
  kinds: readonly FileService[] = FILE_SERVICES,
): readonly string[] {
  return kinds.flatMap((kind) => (services[kind] === undefined ? [] : [services[kind].root ?? DEFAULT_BUNDLE]));
}

type BootFiles = Pick<NonNullable<ScenarioContent['services']['pxe']>, 'bootfile' | 'bootfiles' | 'menu'>;

/** Whether a server of boot files names any itself. */
export function namesBootFile({ bootfile, bootfiles, menu }: BootFiles): boolean {
  return (
    bootfile !== undefined ||
    Object.keys(bootfiles ?? {}).length > 0 ||
    menu?.entries.some((entry) => entry.bootfile !== undefined) === true
  );
}

/** The word for option 93 of a VM's firmware. */
export const ARCHITECTURE_OF = {
  bios: 'bios',
  uefi: 'uefi-x64',
  'uefi-secure-boot': 'uefi-x64',
  'uefi-arm64': 'uefi-arm64',
} as const satisfies Readonly<Record<Firmware, ArchitectureWord>>;

/** Memory that a firmware needs to boot from the network, where a VM has less; undefined where it has enough. */
export function lackedMemory(firmware: Firmware, memoryMiB: number): number | undefined {
  const { leastMemoryMiB } = firmwareRow(firmware);
  return memoryMiB < leastMemoryMiB ? leastMemoryMiB : undefined;
}

/** Whether a boot program for one firmware starts under another: what is signed for Secure Boot starts without it, too. */
export function startsUnder(program: Firmware, firmware: Firmware): boolean {
  return program === firmware || (program === 'uefi-secure-boot' && firmware === 'uefi');
}

/** Every firmware that a VM of the scenario has at some point of its matrix. */
export function firmwaresOf({ clients, matrix }: Pick<ScenarioContent, 'clients' | 'matrix'>): readonly Firmware[] {
  const vms = clients.filter(({ plays }) => plays === undefined);
  return [...new Set(vms.flatMap(({ firmware = DEFAULT_VM.firmware }) => matrix?.firmware ?? [firmware]))];
}

/**
 * Boot files of the PXE server by architecture. When it names none, those of the bundle that TFTP or HTTP serves: then
 * `firmware` chooses the boot program. The number on the wire is the same with and without Secure Boot, so that one
 * client with it gives all of that number the signed program.
 */
export function bootFilesOf(
  content: Pick<ScenarioContent, 'services' | 'clients' | 'matrix'>,
  pxe: BootFiles,
): NonNullable<BootFiles['bootfiles']> {
  if (namesBootFile(pxe)) return pxe.bootfiles ?? {};
  const programs = rootsOf(content).flatMap((root) => Object.entries(programsOf(root)));
  const wanted = firmwaresOf(content);
  const files = new Map<ArchitectureWord, { path: string; forAll: boolean }>();
  for (const [path, program] of programs) {
    const word = ARCHITECTURE_OF[program];
    const forAll = wanted.every((one) => ARCHITECTURE_OF[one] !== word || startsUnder(program, one));
    const found = files.get(word);
    if (found === undefined || (forAll && !found.forAll)) files.set(word, { path: path.replaceAll('/', '\\'), forAll });
  }
  const chosen = chosenFiles(content)
    .filter(([firmware]) => wanted.includes(firmware))
    .map(([firmware, path]) => [ARCHITECTURE_OF[firmware], path.replaceAll('/', '\\')] as const);
  return Object.fromEntries([...[...files].map(([word, { path }]) => [word, path] as const), ...chosen]);
}

/** What a client boots from, in order; nothing where its firmware's variables say it. */
export function bootOrderOf(
  client: ScenarioContent['clients'][number],
): NonNullable<ScenarioContent['clients'][number]['boot-order']> {
  if (client['boot-order'] === undefined && client['firmware-variables'] !== undefined) return [];
  return (
    client['boot-order'] ?? (!bringsDisk(client) && client['disk-of'] === undefined ? ['network'] : ['network', 'disk'])
  );
}

/** Devices that a client boots from at some start; undefined where its firmware's variables decide. */
export function bootDevicesOf(client: ScenarioContent['clients'][number]): ReturnType<typeof bootOrderOf> | undefined {
  const order = bootOrderOf(client);
  return order.length === 0 && client['boot-order'] === undefined
    ? undefined
    : [...order, ...(client['next-boot-order'] ?? [])];
}

/**
 * What a VM has when its client says nothing. `memory`, in MiB, is more than the bundles need: an image passes through the
 * page cache.
 */
export const DEFAULT_VM = {
  firmware: 'bios',
  nic: 'e1000',
  transport: 'pxe-ipv4',
  memory: 512,
  cpus: 1,
  'disk-interface': 'virtio',
  'disk-block-size': 512,
} as const;
