import type { ProtocolEvent } from './events.ts';
import { roomOfEvent } from './rooms.ts';

/** The UDP ports that conversations chose for themselves, by protocol, as far as events have shown them. */
export class ChosenPorts {
  readonly byProtocol: Partial<Record<string, Set<number>>> = {};

  event(event: ProtocolEvent): void {
    const room = roomOfEvent(event);
    if (!room?.chosenPorts) return;
    const ports = (this.byProtocol[room.name] ??= new Set());
    for (const port of room.chosenPorts(event)) ports.add(port);
  }
}
