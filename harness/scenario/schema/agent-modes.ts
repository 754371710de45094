/** Roles of the boot image's agent. */
export const AGENT_MODES = ['install', 'capture', 'backup', 'restore'] as const;
export type AgentMode = (typeof AGENT_MODES)[number];
