import { endsOf, type MeteredTransfer } from '../../base/observe/metered-transfer.ts';
import type { TlsEvent } from './events.ts';

/** Counts each connection, and lists it with the direction of its larger volume: what it carried cannot be read. */
export function tlsTransfer(event: TlsEvent): MeteredTransfer | undefined {
  if (event.type !== 'tls.closed') return undefined;
  const { connection, sent, received, retransmissions, durationUs, firstFrame, rttUs, server } = event;
  const isUpload = sent.bytes > received.bytes;
  const bytes = Math.max(sent.bytes, received.bytes);
  const figures = { bytes, durationUs, firstFrame, lastFrame: event.frame, retransmissions, rttUs };
  const what = `TLS connection to ${server.ip}:${server.port}`;
  const counted = { what, ...endsOf(connection), beganUs: event.atUs - durationUs, figures };
  if (!event.established || bytes === 0) return counted;
  return {
    ...counted,
    listed: {
      protocol: 'tls',
      path: `${server.ip}:${server.port}`,
      operation: isUpload ? 'write' : 'get',
      ...(isUpload ? { direction: 'upload' as const } : {}),
    },
  };
}
