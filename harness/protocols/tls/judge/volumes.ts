import type { TlsClosed } from '../observe/events.ts';

/**
 * What restic exchanges without any pack: lists, keys, locks and snapshots have some 4 kB each way (measured with
 * restic 0.18.0); the list of a backup is one small pack.
 */
const BULK_BYTES = 65_536;
/** How many times more went one way than the other: a backup also reads the index. */
const PREVAILS = 2;

/** Which way the volume of a connection went. */
export function directionOf({
  sent,
  received,
}: Pick<TlsClosed, 'sent' | 'received'>): 'upload' | 'download' | 'neither' {
  const [more, less] = sent.bytes > received.bytes ? [sent, received] : [received, sent];
  if (more.bytes < BULK_BYTES || more.bytes < PREVAILS * less.bytes) return 'neither';
  return more === sent ? 'upload' : 'download';
}

/** The step's details that tell a connection's volumes and its end. */
export function volumeDetail({ sent, received, reason, by }: TlsClosed) {
  const unread = sent.unread + received.unread;
  return {
    sent: sent.bytes,
    received: received.bytes,
    unread: unread === 0 ? undefined : unread,
    end: reason,
    by,
  };
}
