import { endsOf, type MeteredTransfer } from '../../base/observe/metered-transfer.ts';
import type { SmbEvent } from './events.ts';

/** The transfer that an event ends: the reads of one open, or its writes. */
export function smbTransfer(event: SmbEvent): MeteredTransfer | undefined {
  switch (event.type) {
    case 'smb.close':
    case 'smb.unfinished':
      return transfer(event, 'read');
    case 'smb.write':
      return transfer(event, 'write');
    default:
      return undefined;
  }
}

type Ending = Extract<SmbEvent, { readonly type: 'smb.close' | 'smb.unfinished' | 'smb.write' }>;

function transfer({ path, connection, figures }: Ending, what: 'read' | 'write'): MeteredTransfer | undefined {
  if (!figures) return undefined;
  const listed = { protocol: 'smb', path } as const;
  return {
    what: `smb ${what} of ${path}`,
    ...endsOf(connection),
    figures,
    listed: what === 'write' ? { ...listed, direction: 'upload' } : listed,
  };
}
