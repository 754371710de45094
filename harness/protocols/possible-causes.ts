import { BOOT } from './base/judge/boot-vocabulary.ts';
import { ROOMS, roomOfStep, type Room } from './rooms.ts';
import { CAUSE_NAMES, type CauseName } from './words.ts';

// Which causes a failed step can name.

/** Rooms of what comes first in every boot: what they saw explains whatever did not happen after it. */
const EVERY_BOOT = ['arp', 'ndp', 'icmp', 'dhcp', 'dhcpv6'];

/** Causes by the name of a room; `boot` for the boot's own steps. */
const cached = new Map<string, ReadonlySet<string>>();

/**
 * Whether a step can fail with this cause: one of its own room, of a room that it stands on, of the beginning of every
 * boot, or of the boot itself.
 */
export function isPossibleCause(step: string, cause: string): boolean {
  return causesOf(step).has(cause);
}

/** Every cause that a step can fail with, in the order of the rooms. */
export function possibleCauses(step: string): CauseName[] {
  const possible = causesOf(step);
  return CAUSE_NAMES.filter((cause) => possible.has(cause));
}

function causesOf(step: string): ReadonlySet<string> {
  const room = roomOfStep(step);
  const name = room?.name ?? 'boot';
  const known = cached.get(name) ?? (room === undefined ? new Set<string>(CAUSE_NAMES) : collect(room));
  cached.set(name, known);
  return known;
}

function collect(room: Room): ReadonlySet<string> {
  // Steps of a room without a judge of its own are judged by the room above it: WDS's calls by RPC.
  const judges = room.judge ? [room] : [room, ...ROOMS.filter(({ over = [] }) => over.includes(room.name))];
  const names = new Set([...judges.flatMap(({ name, over = [] }) => [name, ...over]), ...EVERY_BOOT]);
  // A connection that nobody accepts has the cause of the protocol that would have been spoken.
  const unreachable = room.name === 'tcp' ? ROOMS.flatMap((other) => other.unreachable ?? []) : [];
  // What did not happen because nothing failed has no step that names it.
  const { 'failure-missing': _, ...ofBoot } = BOOT.causes;
  return new Set([
    ...ROOMS.filter(({ name }) => names.has(name)).flatMap(({ words }) => Object.keys(words.causes)),
    ...unreachable,
    ...Object.keys(ofBoot),
  ]);
}
