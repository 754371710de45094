/** Roles of the boot image's agent. */
export const AGENT_MODES = ['install', 'capture', 'backup', 'restore', 'work', 'recover'] as const;
export type AgentMode = (typeof AGENT_MODES)[number];

/**
 * Those that a boot menu may offer: of a computer at work hot-backups say who saves it, and of one that recovers files which, and a menu
 * has no place for them.
 */
export const MENU_MODES = AGENT_MODES.filter((mode) => mode !== 'work' && mode !== 'recover');

/** How a computer that works is saved: by its hypervisor, or of a snapshot by its own agent. */
export const HOT_BACKUPS = ['frozen', 'unfrozen', 'snapshot'] as const;
