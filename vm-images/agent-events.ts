/**
 * Events that the agent, and the system that it installed, report on the second serial port; README.md lists their
 * details.
 */
export const AGENT_EVENTS = [
  'agent.answer-file',
  'agent.apply',
  'agent.backed-up',
  'agent.backup',
  'agent.backup-found',
  'agent.bootable',
  'agent.capture',
  'agent.captured',
  'agent.control',
  'agent.domain-join',
  'agent.drivers',
  'agent.drivers-offered',
  'agent.generalised',
  'agent.image-chosen',
  'agent.images',
  'agent.joined',
  'agent.link',
  'agent.logon',
  'agent.network',
  'agent.package',
  'agent.partitioned',
  'agent.restarting',
  'agent.restore',
  'agent.restored',
  'agent.result',
  'agent.screen',
  'agent.started',
  'agent.system-found',
  'agent.work',
  'installed.failed',
  'installed.up',
] as const;
export type AgentEvent = (typeof AGENT_EVENTS)[number];
