import { resolve } from 'node:path';
import { RESTIC_PORT } from '../../protocols/restic/wire/ports.ts';
import { defined } from '../../../servers/service/defined.ts';
import { REFERENCE_LAB } from '../../../servers/service/reference-lab.ts';
import type { BackupOptions, RestoreOptions, SavedWorkOptions, WorkOptions } from '../../../vm-images/agent-options.ts';
import { isBackupMode, isSavedByHypervisor, restoredFrom, snapshotsOf } from '../../scenario/backups.ts';
import { CERTIFICATE_FILES, hasTls } from '../../scenario/certificates.ts';
import { byName, failureOf } from '../../scenario/client-order.ts';
import type { AgentMode } from '../../scenario/schema/agent-modes.ts';
import { addressesOf, hypervisorOf, subnetOf } from '../../scenario/defaults.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { hostName } from '../derive-identity.ts';
import type { VmPlan } from '../plan.ts';
import type { ServiceConfigs } from './service-plan.ts';

type Backups = NonNullable<Scenario['services']['backups']>;

const BYTES_OF_MIB = 2 ** 20;

/** Folder of the store: inside the run's private folder, or the scenario's own, which outlives the run. */
export function backupsRoot({ source }: Scenario, { store }: Backups): string {
  return store === undefined ? '${run}/backups' : resolve(source.folder, store);
}

export const passwordOf = ({ password }: Backups): string => password ?? REFERENCE_LAB.account.password;

/** The configuration of the store of disk backups, complete. */
export function backupStoreConfig(scenario: Scenario, backups: Backups): ServiceConfigs['backup-store'] {
  return {
    address: addressesOf(scenario).backups ?? '',
    root: backupsRoot(scenario, backups),
    password: passwordOf(backups),
    // A store that ends with its lab: its password stands in the scenario, and a VM would derive a strong key for 5 s a command.
    ...(backups.store === undefined ? { quickKey: true } : {}),
    ...(hasTls(scenario) ? { tls: { certificate: CERTIFICATE_FILES.certificate, key: CERTIFICATE_FILES.key } } : {}),
    ...defined({
      port: backups.port,
      misbehave: backups.misbehave,
      schedule: scheduleOf(backups),
      maxBytes: backups.capacity === undefined ? undefined : backups.capacity * BYTES_OF_MIB,
    }),
  };
}

/** What the store is told of when its clients are to be saved, and what is kept. */
function scheduleOf({ schedule }: Backups): ServiceConfigs['backup-store']['schedule'] {
  if (schedule === undefined) return undefined;
  const { every, keep } = schedule;
  const rules = keep && defined({ last: keep.last, daily: keep.daily, weekly: keep.weekly, withinMs: keep.within });
  return defined({ everyMs: every, keep: rules });
}

/** What the agent of a client must know in a role in which it saves or restores the disk; undefined in any other. */
export function backupOptions(
  scenario: Scenario,
  client: Scenario['clients'][number],
  mode: AgentMode | undefined,
): BackupOptions | RestoreOptions | WorkOptions | SavedWorkOptions | undefined {
  const { backups } = scenario.services;
  if (!isBackupMode(mode) || backups === undefined) return undefined;
  const snapshots = snapshotsOf(client);
  if (mode === 'work' && snapshots === undefined) return { mode };
  const store = {
    store: `${addressesOf(scenario).backups ?? ''}:${backups.port ?? RESTIC_PORT}`,
    storePassword: client.agent?.['store-password'] ?? passwordOf(backups),
    client: client.name,
    ...(hasTls(scenario) ? { storeTls: true as const } : {}),
  };
  if (mode === 'backup') return { mode, ...store };
  if (mode === 'work') return { mode, ...store, snapshots: (snapshots ?? []).join(',') };
  const of = restoredFrom(client);
  return {
    mode,
    ...store,
    // A client's name has no case here, and has one in the catalogue.
    backupOf: byName(of, scenario.clients)?.name ?? of,
    backup: client.agent?.backup?.id ?? 'latest',
  };
}

/** How the hypervisor saves a VM that goes on; undefined for any other client. */
export function planHotBackups(scenario: Scenario, client: Scenario['clients'][number]): VmPlan['hotBackups'] {
  const { backups } = scenario.services;
  if (!isSavedByHypervisor(client) || backups === undefined) return undefined;
  const take = client['hot-backups']?.take ?? ['frozen'];
  return {
    take: take.filter((how) => how === 'frozen' || how === 'unfrozen'),
    ...defined({ everyMs: client['hot-backups']?.every }),
    hypervisor: hostName(hypervisorOf(client, scenario), subnetOf(scenario).prefixLength),
    store: `rest:${hasTls(scenario) ? 'https' : 'http'}://${addressesOf(scenario).backups ?? ''}:${backups.port ?? RESTIC_PORT}/`,
    storePassword: passwordOf(backups),
    ...(hasTls(scenario) ? { storeAuthority: CERTIFICATE_FILES.authority } : {}),
  };
}

/** Which virtual machines are made of the backup of a client; undefined for any other client. */
export function planVirtualMachines(
  scenario: Scenario,
  client: Scenario['clients'][number],
): VmPlan['virtualMachines'] {
  const { backups } = scenario.services;
  const formats = (client.after ?? scenario.after)?.['virtual-machines'];
  if (formats === undefined || backups === undefined) return undefined;
  return { formats, storeFolder: backupsRoot(scenario, backups), storePassword: passwordOf(backups) };
}

/** How the agent of a client saves its own disk while it works; undefined for any other client. */
export function planSnapshotBackups(
  scenario: Scenario,
  client: Scenario['clients'][number],
): VmPlan['snapshotBackups'] {
  const { backups } = scenario.services;
  const snapshotsKiB = snapshotsOf(client);
  if (snapshotsKiB === undefined || backups === undefined) return undefined;
  return {
    snapshotsKiB,
    storeFolder: backupsRoot(scenario, backups),
    storePassword: passwordOf(backups),
    ...(failureOf(client, scenario) === undefined ? {} : { mayFail: true }),
  };
}
