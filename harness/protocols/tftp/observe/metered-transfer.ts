import { endText } from '../../base/observe/flow-ends.ts';
import { endsOf, type MeteredTransfer } from '../../base/observe/metered-transfer.ts';
import type { TftpEvent } from './events.ts';

/** The transfer that an event ends. One that was given up is counted, and no result lists it. */
export function tftpTransfer(event: TftpEvent): MeteredTransfer | undefined {
  if (event.type !== 'tftp.complete' && event.type !== 'tftp.unfinished') return undefined;
  const { transfer, server, filename: path, figures } = event;
  const counted = {
    what: `tftp transfer of ${path}`,
    client: endsOf(transfer).client,
    server: endText(server),
    beganUs: event.atUs - figures.durationUs,
    figures,
  };
  if (event.type === 'tftp.unfinished') return counted;
  const { blksize, windowsize, blocks } = event;
  return {
    ...counted,
    lastFrame: Math.max(event.frame, figures.lastFrame),
    listed: { protocol: 'tftp', path, operation: 'get', blksize, windowsize, blocks },
  };
}
