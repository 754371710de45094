import type { ProtocolEvent } from './events.ts';
import { PROTOCOLS } from './index.ts';

type OfEvent = { readonly name: string; readonly chosenPorts?: (event: never) => readonly number[] };

// A room's `chosenPorts` is handed events of its own declaration only.
const ROOMS: ReadonlyMap<string, OfEvent> = new Map(
  PROTOCOLS.flatMap((protocol: OfEvent & { readonly events: object }) =>
    protocol.chosenPorts ? Object.keys(protocol.events).map((type) => [type, protocol] as const) : [],
  ),
);

/** The UDP ports that conversations chose for themselves, by protocol, as far as events have shown them. */
export class ChosenPorts {
  readonly byProtocol: Partial<Record<string, Set<number>>> = {};

  event(event: ProtocolEvent): void {
    const room = ROOMS.get(event.type);
    if (!room?.chosenPorts) return;
    const ports = (this.byProtocol[room.name] ??= new Set());
    for (const port of room.chosenPorts(event as never)) ports.add(port);
  }
}
