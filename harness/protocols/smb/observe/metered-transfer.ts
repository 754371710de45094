import { endsOf, type MeteredTransfer, type TransferWatch } from '../../base/observe/metered-transfer.ts';
import type { SmbEvent } from './events.ts';

/** The reads of each open, and its writes, are a transfer each; a transfer begins with its first data. */
export function smbTransfers(): TransferWatch<SmbEvent> {
  const firstReads = new Map<string, number>();
  const firstWrites = new Map<string, number>();
  return (event) => {
    switch (event.type) {
      case 'smb.first-read':
        firstReads.set(openOf(event), event.atUs);
        return undefined;
      case 'smb.first-write':
        firstWrites.set(openOf(event), event.atUs);
        return undefined;
      case 'smb.write':
        return transfer(event, 'write', firstWrites.get(openOf(event)));
      case 'smb.close':
      case 'smb.unfinished': {
        const beganUs = firstReads.get(openOf(event));
        for (const firsts of [firstReads, firstWrites]) firsts.delete(openOf(event));
        return transfer(event, 'read', beganUs);
      }
      default:
        return undefined;
    }
  };
}

type Ending = Extract<SmbEvent, { readonly type: 'smb.close' | 'smb.unfinished' | 'smb.write' }>;

function openOf({ connection, fileId }: Pick<Ending, 'connection' | 'fileId'>): string {
  return `${connection} ${fileId}`;
}

function transfer(
  { path, connection, figures, atUs }: Ending,
  what: 'read' | 'write',
  beganUs: number | undefined,
): MeteredTransfer | undefined {
  if (!figures) return undefined;
  const listed = { protocol: 'smb', path } as const;
  return {
    what: `smb ${what} of ${path}`,
    ...endsOf(connection),
    beganUs: beganUs ?? atUs - figures.durationUs,
    figures,
    listed: what === 'write' ? { ...listed, direction: 'upload' } : listed,
  };
}
