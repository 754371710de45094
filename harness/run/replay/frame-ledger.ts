import type { ClientResult, FrameAccount } from '../../../reports/result.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { accountFrames } from '../../verdict/accounting.ts';
import { type FrameFacts, frameFacts } from '../../verdict/frame-facts.ts';
import { ChosenPorts } from '../../protocols/chosen-ports.ts';
import { dissect } from '../../protocols/dissect.ts';
import type { ExtraPorts } from '../../protocols/ports.ts';
import type { Frame } from '../../packet/frame.ts';
import { decodeFrame } from '../../packet/packet.ts';

/** Keeps of a capture what it takes to say of each frame what became of it. */
export interface FrameLedger {
  readonly event: (event: ProtocolEvent) => void;
  /** A frame that holds the packet of frame `of` again, and was set aside. */
  readonly copy: (frame: Frame, of: number) => void;
  /** Frames as they were judged; their bytes are not kept. */
  frames(batch: readonly Frame[]): void;
  /** `startUs`: what times count from, by default the first frame. */
  accounts(clients: readonly ClientResult[], startUs?: number): FrameAccount[];
}

/** An empty ledger. `ports`: those that services were given beside their protocol's own. */
export function createFrameLedger(linkType: number, ports: ExtraPorts): FrameLedger {
  const events: ProtocolEvent[] = [];
  const seen: { readonly facts: FrameFacts; readonly atUs: number; readonly summary: string }[] = [];
  const chosen = new ChosenPorts();
  const copies = new Map<number, number>();
  return {
    copy: ({ number }, of) => void copies.set(number, of),
    event: (event) => {
      events.push(event);
      chosen.event(event);
    },
    frames: (batch) => {
      for (const frame of batch) {
        const packet = decodeFrame(frame.bytes, frame.linkType ?? linkType, frame.originalLength);
        seen.push({
          facts: frameFacts(frame.number, packet),
          atUs: frame.atUs,
          summary: dissect(frame, linkType, { ports, udpPorts: chosen.byProtocol }).summary,
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
        what: copies.has(frame) ? `frame ${copies.get(frame) ?? 0} again: a copy that the capture made` : what,
      }));
    },
  };
}
