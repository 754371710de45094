import type { ProtocolEvent } from './events.ts';
import { PROTOCOLS } from './index.ts';
import type { Protocol } from './protocol.ts';

/** A room as a loop over rooms sees it. Its functions are handed events of its own declaration only. */
export type Room = Protocol<ProtocolEvent>;

export const ROOMS = PROTOCOLS as unknown as readonly Room[];

const BY_EVENT: ReadonlyMap<string, Room> = new Map(
  ROOMS.flatMap((room) => Object.keys(room.events).map((type) => [type, room] as const)),
);
const BY_STEP: ReadonlyMap<string, Room> = new Map(
  ROOMS.flatMap((room) => {
    // What every machine may report, such as `router.unfinished`, has the machine's name.
    const names = [room.name, ...Object.keys(room.judge?.machines ?? {})].map((name) => `${name}.`);
    return [...names, ...Object.keys(room.words.steps)].map((step) => [prefixOf(step), room] as const);
  }),
);

/** The room that declares an event; undefined for `malformed`, which is any room's. */
export function roomOfEvent(event: ProtocolEvent): Room | undefined {
  return BY_EVENT.get(event.type);
}

/** The room of a step, by its name up to the dot: `image.header` is WIM's. Undefined for the steps of the boot. */
export function roomOfStep(step: string): Room | undefined {
  return BY_STEP.get(prefixOf(step));
}

const BY_MACHINE: ReadonlyMap<string, Room> = new Map(
  ROOMS.flatMap((room) => Object.keys(room.judge?.machines ?? {}).map((machine) => [machine, room] as const)),
);

/** Whether a machine judges what goes over TCP. */
export function isOverTcp(machine: string): boolean {
  return BY_MACHINE.get(machine)?.over?.includes('tcp') === true;
}

function prefixOf(step: string): string {
  return step.slice(0, step.indexOf('.'));
}
