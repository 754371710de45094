import {
  endsOf,
  type MeteredTransfer,
  type TransferOperation,
  type TransferWatch,
} from '../../base/observe/metered-transfer.ts';
import type { SmbEvent } from './events.ts';

/** The reads of each open, and its writes, are a transfer each; a transfer begins with its first data. */
export function smbTransfers(): TransferWatch<SmbEvent> {
  const firstReads = new Map<string, FirstRead>();
  const firstWrites = new Map<string, number>();
  return (event) => {
    switch (event.type) {
      case 'smb.first-read':
        firstReads.set(openOf(event), { atUs: event.atUs, offset: event.offset });
        return undefined;
      case 'smb.first-write':
        firstWrites.set(openOf(event), event.atUs);
        return undefined;
      case 'smb.write':
        return transfer(event, 'write', firstWrites.get(openOf(event)));
      case 'smb.close':
      case 'smb.unfinished': {
        const first = firstReads.get(openOf(event));
        for (const firsts of [firstReads, firstWrites]) firsts.delete(openOf(event));
        return transfer(event, readOperation(event, first?.offset ?? 0), first?.atUs);
      }
      default:
        return undefined;
    }
  };
}

interface FirstRead {
  readonly atUs: number;
  readonly offset: number;
}

type Ending = Extract<SmbEvent, { readonly type: 'smb.close' | 'smb.unfinished' | 'smb.write' }>;

function openOf({ connection, fileId }: Pick<Ending, 'connection' | 'fileId'>): string {
  return `${connection} ${fileId}`;
}

function transfer(
  { path, connection, figures, atUs }: Ending,
  operation: TransferOperation,
  beganUs: number | undefined,
): MeteredTransfer | undefined {
  if (!figures) return undefined;
  const listed = { protocol: 'smb', path, operation } as const;
  return {
    what: `smb ${operation === 'write' ? 'write' : 'read'} of ${path}`,
    ...endsOf(connection),
    beganUs: beganUs ?? atUs - figures.durationUs,
    figures,
    listed: operation === 'write' ? { ...listed, direction: 'upload' } : listed,
  };
}

/** Which part of its file an open read: a client looks at the header and the table of a WIM by opens of their own. */
function readOperation(
  { figures, endOfFile }: Extract<Ending, { readonly endOfFile: number }>,
  offset: number,
): TransferOperation {
  const bytes = figures?.bytes ?? 0;
  if (bytes * 2 >= endOfFile) return 'read-bulk';
  if (offset === 0) return 'read-begin';
  return offset + bytes >= endOfFile ? 'read-end' : 'read-part';
}
