import { resolve } from 'node:path';
import type { Credentials } from '../played-clients/ntlm-initiator.ts';
import { backupModeOf } from '../scenario/backups.ts';
import { byName, diskOwner, hasOwnSteps, startsAfter } from '../scenario/client-order.ts';
import { isFolder } from '../scenario/bundles.ts';
import { bootOrderOf, DEFAULT_VM, joinOf, lackedMemory, usersOf } from '../scenario/defaults.ts';
import { keysAt, type MatrixPoint } from '../scenario/matrix/points.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { ARCHITECTURES, firmwareOf } from '../protocols/dhcp/wire/architectures.ts';
import { defined } from '../../servers/service/defined.ts';
import { planBootMenu } from './boot-menu.ts';
import { deriveMac, deriveUuid } from './derive-identity.ts';
import { planHotBackups, planSnapshotBackups, planVirtualMachines } from './services/backups.ts';
import { planRecovery } from './services/recoveries.ts';
import { controlEndpoint } from './services/control.ts';
import { accountDomain } from './services/images.ts';
import { planAfter, planStory } from './story.ts';
import { option250 } from './services/wds.ts';
import type { AfterPlan, BootDevice, ClientPlan, IncidentPlan, VmPlan, PlayedPlan } from './plan.ts';

type Client = Scenario['clients'][number];
type Incident = NonNullable<Client['incidents']>[number];
type Identity = Pick<ClientPlan, 'name' | 'mac' | 'uuid' | 'startsAfter' | 'story'>;

/** A played client asks for a decision so long: some polls at WDS's usual ten seconds. */
const DEFAULT_POLLS_FOR_MS = 30_000;

/** Every client with everything that it needs; a matrix point's values replace those of each VM. */
export function planClients(scenario: Scenario, id: string, point: MatrixPoint): readonly ClientPlan[] {
  const taken = new Set(scenario.clients.flatMap((client) => client.mac ?? []));
  const nameOf = (name: string | undefined): string | undefined => byName(name, scenario.clients)?.name;
  return scenario.clients.map((client, position) => {
    const place = { position, ...(scenario.services.state === undefined ? {} : { keptFor: id }) };
    const mac = client.mac ?? deriveMac('mac', place, taken);
    taken.add(mac);
    const identity: Identity = {
      name: client.name,
      mac,
      uuid: client.uuid ?? deriveUuid(place),
      ...defined({ startsAfter: nameOf(startsAfter(client)) }),
      ...(hasOwnSteps(client)
        ? { story: planStory(client, scenario.source.clientSteps[position] ?? [], scenario.source.file) }
        : {}),
    };
    if (client.plays !== undefined) return planPlayed(client, identity, scenario);
    const { disk } = diskOwner(client, scenario.clients);
    const unpluggedMac = client['unplugged-nic'] && deriveMac('unplugged-mac', place, taken);
    if (unpluggedMac !== undefined) taken.add(unpluggedMac);
    return planVm({ ...client, ...defined({ disk }), ...keysAt(point) }, identity, {
      folder: scenario.source.folder,
      unpluggedMac,
      diskOf: nameOf(client['disk-of']),
      join: joinOf(scenario, client.name),
      common: scenario.after,
      hotBackups: planHotBackups(scenario, client),
      snapshotBackups: planSnapshotBackups(scenario, client),
      virtualMachines: planVirtualMachines(scenario, client),
      recovery: planRecovery(scenario, client),
      bootMenu: ({ firmware }) => planBootMenu(scenario, position, { mac, firmware }),
      incident: (incident) => planIncident(incident, nameOf),
    });
  });
}

interface MoreOfVm {
  readonly folder: string;
  readonly unpluggedMac: string | undefined;
  readonly diskOf: string | undefined;
  readonly join: string | undefined;
  /** The `after` of all clients that have none of their own. */
  readonly common: Scenario['after'];
  readonly hotBackups: VmPlan['hotBackups'];
  readonly snapshotBackups: VmPlan['snapshotBackups'];
  readonly virtualMachines: VmPlan['virtualMachines'];
  readonly recovery: VmPlan['recovery'];
  readonly bootMenu: (vm: Pick<VmPlan, 'firmware'>) => VmPlan['bootMenu'];
  readonly incident: (incident: Incident) => IncidentPlan;
}

function planVm(client: Client, identity: Identity, more: MoreOfVm): VmPlan {
  const { diskOf, join, unpluggedMac } = more;
  const { 'next-boot-order': next, 'unplugged-nic': unplugged, 'firmware-variables': variables } = client;
  const { firmware = DEFAULT_VM.firmware, memory = DEFAULT_VM.memory } = client;
  return {
    ...identity,
    firmware,
    nic: client.nic ?? DEFAULT_VM.nic,
    transport: client.transport ?? DEFAULT_VM.transport,
    memoryMiB: memory,
    ...defined({ neededMemoryMiB: lackedMemory(firmware, memory) }),
    cpus: client.cpus ?? DEFAULT_VM.cpus,
    ...defined({
      diskMiB: client.disk,
      diskImage: diskImageOf(client, more.folder),
      diskInterface: client['disk-interface'],
      diskBlockSize: client['disk-block-size'],
      machineType: client.machine,
    }),
    ...(client.tpm === true ? { tpm: true } : {}),
    bootOrder: inOrder(bootOrderOf(client)),
    ...(next === undefined ? {} : { nextBootOrder: inOrder(next) }),
    ...(unplugged === undefined || unpluggedMac === undefined
      ? {}
      : { unpluggedNic: { model: unplugged, mac: unpluggedMac } }),
    ...(variables === undefined ? {} : { firmwareVariables: resolve(more.folder, variables) }),
    ...defined({ clockOffsetMs: client['clock-offset'] }),
    keys: (client.agent?.keys ?? []).map(({ when, keys, delay }) => ({
      when,
      keys,
      ...defined({ delayMs: delay }),
    })),
    ...defined({ bootMenu: more.bootMenu({ firmware }), incidents: client.incidents?.map(more.incident) }),
    ...defined({ diskOf, join, diskRole: backupModeOf(client) }),
    ...defined({ hotBackups: more.hotBackups, snapshotBackups: more.snapshotBackups, recovery: more.recovery }),
    ...defined({ virtualMachines: more.virtualMachines }),
    ...defined({ after: afterOf(client, more) }),
  };
}

function diskImageOf({ 'disk-image': name }: Client, folder: string): VmPlan['diskImage'] {
  if (name === undefined) return undefined;
  return isFolder(name) ? { file: resolve(folder, name) } : { bundle: name };
}

const planIncident = (
  { when, what = 'unplug', until, ...times }: Incident,
  nameOf: (name: string) => string | undefined,
): IncidentPlan => ({
  when,
  what,
  ...defined({
    percent: times.percent,
    delayMs: times.delay,
    forMs: times.for,
    until: until && { ...until, client: nameOf(until.client) ?? until.client },
  }),
});

const inOrder = (devices: readonly BootDevice['device'][]): BootDevice[] =>
  devices.map((device, bootindex) => ({ device, bootindex }));

/** What is checked of one client: its own, or the scenario's where that means an image of this client's choice. */
function afterOf({ after, agent }: Client, { join, common }: MoreOfVm): AfterPlan | undefined {
  const installed = agent?.mode === 'capture' ? undefined : agent?.image;
  const joins = join !== undefined;
  if (after !== undefined) return planAfter(after, { installed, joins });
  return common === undefined || typeof installed !== 'object' ? undefined : planAfter(common, { installed, joins });
}

function planPlayed(client: Client, identity: Identity, scenario: Scenario): PlayedPlan {
  const { byteOrder, intervalUnitMs } = option250(scenario);
  const architecture = ARCHITECTURES[client.architecture ?? 'bios'];
  const logon = client['deploys-as'];
  return {
    ...identity,
    plays: 'wdsnbp',
    firmware: firmwareOf(architecture),
    nic: 'none',
    settings: {
      architecture,
      presses: client.presses ?? 'f12',
      pollsForMs: client['polls-for'] ?? DEFAULT_POLLS_FOR_MS,
      byteOrder,
      pollIntervalUnitMs: intervalUnitMs,
    },
    ...(logon === undefined
      ? {}
      : { deployment: { ...controlEndpoint(scenario), credentials: credentialsOf(scenario, logon) } }),
  };
}

/** A user of the scenario with the password of its own, unless the client shall try another one. */
function credentialsOf(scenario: Scenario, { user, password }: NonNullable<Client['deploys-as']>): Credentials {
  const known = usersOf(scenario).find(({ name }) => name.toLowerCase() === user.toLowerCase());
  return { domain: accountDomain(scenario), user, password: password ?? known?.password ?? '' };
}
