import type { AgentMode } from './schema/agent-modes.ts';
import type { ScenarioContent } from './schema/scenario.ts';

/** Roles of the agent in which its disk is saved or restored, by itself or by the hypervisor, and which use nothing of the image store. */
const BACKUP_MODES = ['backup', 'restore', 'work'] as const satisfies readonly AgentMode[];
type BackupMode = (typeof BACKUP_MODES)[number];

type Client = ScenarioContent['clients'][number];

/** Whether a role of the agent is one of these. */
export const isBackupMode = (mode: AgentMode | undefined): mode is BackupMode =>
  BACKUP_MODES.some((one) => one === mode);

/** The role of a client that saves or restores its disk; undefined for any other. */
export function backupModeOf({ agent }: Client): BackupMode | undefined {
  return isBackupMode(agent?.mode) ? agent.mode : undefined;
}

/** Whether a client is saved while it works: the boot image has no guest agent. */
export function hasHotBackups({ clients }: Pick<ScenarioContent, 'clients'>): boolean {
  return clients.some(({ agent }) => agent?.mode === 'work');
}

/** Whether a client saves or restores its disk, or may choose to: the boot image has no programs for either. */
export function usesBackups({ clients, services }: Pick<ScenarioContent, 'clients' | 'services'>): boolean {
  const chosen = (services['boot-menu']?.entries ?? []).map(({ mode }) => mode);
  return [...clients.map(({ agent }) => agent?.mode), ...chosen].some((mode) => isBackupMode(mode) && mode !== 'work');
}

/** Name of the client whose backup a client restores. */
export function restoredFrom({ name, agent }: Client): string {
  return agent?.backup?.of ?? name;
}
