import type { Transfer } from '../../../reports/result.ts';
import type { MeteredTransfer, TransferWatch } from '../../protocols/base/observe/metered-transfer.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { roomOfEvent, ROOMS } from '../../protocols/rooms.ts';

/** Follows the bulk transfers of one client over all rooms. */
export function watchTransfers(): TransferWatch<ProtocolEvent> {
  const byRoom = new Map(ROOMS.flatMap((room) => (room.transfers ? [[room, room.transfers()] as const] : [])));
  return (event) => {
    const room = roomOfEvent(event);
    return room && byRoom.get(room)?.(event);
  };
}

/** A transfer as a result lists it, if it does; times count from `startUs`. */
export function listedTransfer(transfer: MeteredTransfer, startUs: number): Transfer | undefined {
  const { beganUs, figures, listed } = transfer;
  if (!listed) return undefined;
  const { protocol, path, ...more } = listed;
  const durationMs = figures.durationUs / 1000;
  return {
    protocol,
    path,
    bytes: figures.bytes,
    startMs: (beganUs - startUs) / 1000,
    durationMs,
    // Megabytes of 10^6 bytes; nothing sensible can be said of a transfer in one frame.
    mbPerSecond: durationMs > 0 ? figures.bytes / 1000 / durationMs : 0,
    retransmissions: figures.retransmissions,
    rttUs: { ...figures.rttUs },
    ...more,
  };
}
