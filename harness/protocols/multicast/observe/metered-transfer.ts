import { endText } from '../../base/observe/flow-ends.ts';
import type { MeteredTransfer } from '../../base/observe/metered-transfer.ts';
import type { MulticastEvent } from './events.ts';

/** The transfer that an event ends for one receiver. One that did not come to its end is counted, and no result lists it. */
export function multicastTransfer(event: MulticastEvent): MeteredTransfer | undefined {
  const isOver =
    event.type === 'multicast.complete' || event.type === 'multicast.dropped' || event.type === 'multicast.unfinished';
  if (!isOver && (event.type !== 'multicast.leave' || event.complete || event.beganUs === 0)) return undefined;
  const { receiver, server, group, rendezvous, figures, beganUs, blockSize: blksize, blocks } = event;
  const path = `udp://${group}:${receiver.port}`;
  const counted = {
    what: `multicast transfer ${path}`,
    client: endText(receiver),
    groups: [group, rendezvous].map((ip) => `${ip}:${receiver.port}`),
    server: endText(server),
    beganUs,
    figures,
    lastFrame: event.frame,
  };
  if (event.type !== 'multicast.complete') return counted;
  return { ...counted, listed: { protocol: 'multicast', path, operation: 'get', blksize, blocks } };
}
