/** Roles of the boot image's agent. */
export const AGENT_MODES = ['install', 'capture', 'backup', 'restore', 'work'] as const;
export type AgentMode = (typeof AGENT_MODES)[number];

/** Those that a boot menu may offer: a computer at work waits for its hypervisor, which knows nothing of what a menu started. */
export const MENU_MODES = AGENT_MODES.filter((mode) => mode !== 'work');

/** How a running VM is saved. */
export const HOT_BACKUPS = ['frozen', 'unfrozen'] as const;
