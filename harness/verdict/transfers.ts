import type { Transfer } from '../../reports/result.ts';
import type { MeteredTransfer } from '../protocols/base/observe/metered-transfer.ts';
import type { ProtocolEvent } from '../protocols/events.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import type { Protocol } from '../protocols/protocol.ts';

type MeteredEvent = { readonly type: string };

// A room's `transfer` is handed events of its own declaration only.
const METERS: ReadonlyMap<string, Protocol<MeteredEvent & ProtocolEvent>['transfer']> = new Map(
  PROTOCOLS.flatMap(({ events, transfer }: Pick<Protocol<never>, 'events' | 'transfer'>) =>
    transfer ? Object.keys(events).map((type) => [type, transfer as never] as const) : [],
  ),
);

/** The bulk transfer that an event ends, as its meter reported it. */
export function transferOf(event: ProtocolEvent): MeteredTransfer | undefined {
  return METERS.get(event.type)?.(event);
}

/** A transfer as a result lists it, if it does; times count from `startUs`. */
export function listedTransfer(transfer: MeteredTransfer, startUs: number): Transfer | undefined {
  const { figures, listed } = transfer;
  if (!listed) return undefined;
  const { protocol, path, ...more } = listed;
  const durationMs = figures.durationUs / 1000;
  return {
    protocol,
    path,
    bytes: figures.bytes,
    startMs: (figures.beganUs - startUs) / 1000,
    durationMs,
    // Megabytes of 10^6 bytes; nothing sensible can be said of a transfer in one frame.
    mbPerSecond: durationMs > 0 ? figures.bytes / 1000 / durationMs : 0,
    retransmissions: figures.retransmissions,
    rttUs: { ...figures.rttUs },
    ...more,
  };
}
