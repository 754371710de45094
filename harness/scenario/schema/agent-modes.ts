/** Roles of the boot image's agent. */
export const AGENT_MODES = ['install', 'capture'] as const;
export type AgentMode = (typeof AGENT_MODES)[number];
