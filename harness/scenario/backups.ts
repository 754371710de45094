import type { AgentMode } from './schema/agent-modes.ts';
import { DEFAULT_SNAPSHOT_KIB } from './schema/hot-backups.ts';
import type { ScenarioContent } from './schema/scenario.ts';

/** Roles of the agent in which its disk is saved or restored, by itself or by the hypervisor, and which use nothing of the image store. */
const BACKUP_MODES = ['backup', 'restore', 'work'] as const satisfies readonly AgentMode[];
type BackupMode = (typeof BACKUP_MODES)[number];

type Client = ScenarioContent['clients'][number];

/** Whether a role of the agent is one of these. */
export const isBackupMode = (mode: AgentMode | undefined): mode is BackupMode =>
  BACKUP_MODES.some((one) => one === mode);

/** Whether a client recovers single files of a backup, which it gets from the image store. */
export const recoversFiles = ({ agent }: Client): boolean => agent?.mode === 'recover';

/** The role of a client that saves or restores its disk; undefined for any other. */
export function backupModeOf({ agent }: Client): BackupMode | undefined {
  return isBackupMode(agent?.mode) ? agent.mode : undefined;
}

/** Whether the hypervisor saves a client while it works. */
export function isSavedByHypervisor(client: Client): boolean {
  return client.agent?.mode === 'work' && snapshotsOf(client) === undefined;
}

/** How many KiB each snapshot may keep of which the agent saves its own disk while it works; undefined where it does not. */
export function snapshotsOf({ agent, 'hot-backups': hot }: Client): readonly number[] | undefined {
  if (agent?.mode !== 'work') return undefined;
  const sizes = (hot?.take ?? []).flatMap((how) =>
    how === 'snapshot' ? DEFAULT_SNAPSHOT_KIB : typeof how === 'object' ? how.snapshot : [],
  );
  return sizes.length === 0 ? undefined : sizes;
}

/** Whether a role needs the programs that save and restore disks, which the boot image has not. */
export const needsBackupPrograms = (mode: AgentMode | undefined, client: Client | undefined): boolean =>
  isBackupMode(mode) && (mode !== 'work' || (client !== undefined && snapshotsOf(client) !== undefined));

/** Whether a client saves or restores its disk, or may choose to. */
export function usesBackups({ clients, services }: Pick<ScenarioContent, 'clients' | 'services'>): boolean {
  return (
    clients.some((client) => needsBackupPrograms(client.agent?.mode, client)) ||
    (services['boot-menu']?.entries ?? []).some(({ mode }) => needsBackupPrograms(mode, undefined))
  );
}

/** Name of the client whose backup a client restores, or recovers files of. */
export function restoredFrom({ name, agent }: Client): string {
  return agent?.backup?.of ?? name;
}
