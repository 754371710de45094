import type { ClientResult, FrameAccount } from '../../../reports/result.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { accountFrames } from '../../verdict/accounting.ts';
import { type FrameFacts, frameFacts } from '../../verdict/frame-facts.ts';
import { dissect } from '../../protocols/dissect.ts';
import type { Frame } from '../../packet/frame.ts';
import { decodeFrame } from '../../packet/packet.ts';

/** Keeps of a capture what it takes to say of each frame what became of it. */
export interface FrameLedger {
  readonly event: (event: ProtocolEvent) => void;
  /** Frames as they were judged; their bytes are not kept. */
  frames(batch: readonly Frame[]): void;
  /** `startUs`: what times count from, by default the first frame. */
  accounts(clients: readonly ClientResult[], startUs?: number): FrameAccount[];
}

/** An empty ledger. */
export function createFrameLedger(linkType: number): FrameLedger {
  const events: ProtocolEvent[] = [];
  const seen: { readonly facts: FrameFacts; readonly atUs: number; readonly summary: string }[] = [];
  const tftpPorts = new Set<number>();
  return {
    event: (event) => {
      events.push(event);
      if ('transfer' in event)
        for (const end of [event.transfer.split('>')[0] ?? '', `:${event.server.port}`])
          tftpPorts.add(Number(end.slice(end.lastIndexOf(':') + 1)));
    },
    frames: (batch) => {
      for (const frame of batch) {
        const packet = decodeFrame(frame.bytes, linkType, frame.originalLength);
        seen.push({
          facts: frameFacts(frame.number, packet),
          atUs: frame.atUs,
          summary: dissect(frame, linkType, { udpPorts: { tftp: tftpPorts } }).summary,
        });
      }
    },
    accounts: (clients, startUs = seen[0]?.atUs ?? 0) => {
      const accounts = accountFrames(
        seen.map(({ facts }) => facts),
        events,
        clients,
      );
      return accounts.map(({ frame, by, what }, index) => ({
        frame,
        atMs: ((seen[index]?.atUs ?? startUs) - startUs) / 1000,
        summary: seen[index]?.summary ?? '',
        by,
        what,
      }));
    },
  };
}
