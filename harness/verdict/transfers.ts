import type { Transfer } from '../../reports/result.ts';
import type { ProtocolEvent } from '../protocols/events.ts';
import type { TransferFigures } from '../protocols/base/observe/seen.ts';

/** The transfers of one client, from the meters' complete events (for SMB the reads of one open). */
export interface TransferList {
  add(event: ProtocolEvent): void;
  readonly list: readonly Transfer[];
}

/** No transfers yet; times count from `startUs()`. */
export function createTransferList(startUs: () => number): TransferList {
  const list: Transfer[] = [];
  const firstReads = new Map<string, number>();
  const firstWrites = new Map<string, number>();
  const beganAt = (
    firsts: ReadonlyMap<string, number>,
    {
      connection,
      fileId,
      atUs,
      figures,
    }: {
      readonly connection: string;
      readonly fileId: string;
      readonly atUs: number;
      readonly figures?: TransferFigures;
    },
  ): number => firsts.get(`${connection} ${fileId}`) ?? atUs - (figures?.durationUs ?? 0);
  const put = (
    protocol: Transfer['protocol'],
    path: string,
    figures: TransferFigures,
    beginUs: number,
    more: Partial<Transfer>,
  ): void => {
    const durationMs = figures.durationUs / 1000;
    list.push({
      protocol,
      path,
      bytes: figures.bytes,
      startMs: (beginUs - startUs()) / 1000,
      durationMs,
      // Megabytes of 10^6 bytes; nothing sensible can be said of a transfer in one frame.
      mbPerSecond: durationMs > 0 ? figures.bytes / 1000 / durationMs : 0,
      retransmissions: figures.retransmissions,
      rttUs: { ...figures.rttUs },
      ...more,
    });
  };
  return {
    list,
    add(event) {
      if (event.type === 'tftp.complete') {
        put('tftp', event.filename, event.figures, event.atUs - event.figures.durationUs, {
          blksize: event.blksize,
          windowsize: event.windowsize,
          blocks: event.blocks,
        });
      } else if (event.type === 'http.complete' && event.method === 'GET' && event.status < 300) {
        put('http', event.path, event.figures, event.atUs - event.figures.durationUs, {});
      } else if (event.type === 'smb.write') {
        if (event.figures) put('smb', event.path, event.figures, beganAt(firstWrites, event), { direction: 'upload' });
      } else if (event.type === 'smb.first-write') {
        firstWrites.set(`${event.connection} ${event.fileId}`, event.atUs);
      } else if (event.type === 'smb.first-read') {
        firstReads.set(`${event.connection} ${event.fileId}`, event.atUs);
      } else if (event.type === 'smb.close' || event.type === 'smb.unfinished') {
        if (event.figures) put('smb', event.path, event.figures, beganAt(firstReads, event), {});
        for (const firsts of [firstReads, firstWrites]) firsts.delete(`${event.connection} ${event.fileId}`);
      }
    },
  };
}
