import type { TransferFigures } from './seen.ts';

/** A bulk transfer that is over, as its meter reported it. */
export interface MeteredTransfer {
  /** In words: `tftp transfer of pxelinux.0`. */
  readonly what: string;
  /** `ip:port` of both ends. */
  readonly client: string;
  readonly server: string;
  /** `ip:port` of groups and broadcast addresses that the server sends to in the place of the client. */
  readonly groups?: readonly string[];
  /** Capture time of its begin. */
  readonly beganUs: number;
  readonly figures: TransferFigures;
  /** Where the meter's last frame is not the last one that `figures` measure: a final ACK is counted, not measured. */
  readonly lastFrame?: number;
  /** What a result lists of it; absent for one that brought the client nothing. */
  readonly listed?: ListedTransfer;
}

/** Follows the events of one client, and returns the transfer that an event ends. */
export type TransferWatch<E> = (event: E) => MeteredTransfer | undefined;

/**
 * `get` and `write` are of a whole file. A read is `read-bulk` when it brought at least half of the file; of smaller
 * ones `read-begin` began at byte 0, `read-end` came to the last byte, and `read-part` did neither.
 */
export type TransferOperation = 'get' | 'write' | 'read-bulk' | 'read-begin' | 'read-end' | 'read-part';

interface ListedTransfer {
  readonly protocol: 'tftp' | 'http' | 'smb' | 'multicast' | 'restic' | 'tls';
  readonly path: string;
  /** What was done: transfers of one file are alike only where they did the same. */
  readonly operation: TransferOperation;
  /** Absent: to the client. */
  readonly direction?: 'upload';
  readonly blksize?: number;
  readonly windowsize?: number;
  readonly blocks?: number;
}

/** Both ends of a connection that events name `ip:port>ip:port`. */
export function endsOf(connection: string): Pick<MeteredTransfer, 'client' | 'server'> {
  const [client = '', server = ''] = connection.split('>');
  return { client, server };
}
