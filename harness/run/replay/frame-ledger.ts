import type { ClientResult, FrameAccount } from '../../../reports/result.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { Accounting } from '../../verdict/accounting/accounting.ts';
import { type FrameFacts, frameFacts } from '../../verdict/accounting/frame-facts.ts';
import { ChosenPorts } from '../../protocols/chosen-ports.ts';
import { dissect } from '../../protocols/dissect.ts';
import type { ExtraPorts } from '../../protocols/ports.ts';
import type { Frame } from '../../packet/frame.ts';
import { decodeFrame } from '../../packet/packet.ts';
import { openCapture } from '../open-capture.ts';

/** What it takes to say of each frame of a capture what became of it: kept while the capture is judged. */
export interface FrameLedger {
  readonly event: (event: ProtocolEvent) => void;
  /** A frame that holds the packet of frame `of` again, and was set aside. */
  readonly copy: (frame: Frame, of: number) => void;
  /**
   * Reads the capture again, twice, and accounts for its frames, in batches: what takes a frame may show only later, and
   * the accounts of millions of frames fit into no memory. `startUs`: what times count from, by default the first frame.
   */
  accounts(file: string, clients: readonly ClientResult[], startUs?: number): AsyncGenerator<FrameAccount[]>;
}

/** An empty ledger. `ports`: those that services were given beside their protocol's own. */
export function createFrameLedger(ports: ExtraPorts): FrameLedger {
  const accounting = new Accounting();
  const chosen = new ChosenPorts();
  // In capture order; a list of numbers, as half of a capture may be copies.
  const copies: number[] = [];
  const originals: number[] = [];
  return {
    copy: ({ number }, of) => {
      copies.push(number);
      originals.push(of);
    },
    event: (event) => {
      accounting.event(event);
      chosen.event(event);
    },
    async *accounts(file, clients, startUs) {
      const accountOf = accounting.accounts(await factsOf(file, accounting.messageFrames), clients);
      const source = await openCapture(file);
      let zeroUs = startUs;
      let nextCopy = 0;
      for await (const batch of source.batches()) {
        zeroUs ??= batch[0]?.atUs;
        const since = zeroUs ?? 0;
        yield batch.map((frame) => {
          const { number, atUs } = frame;
          const account = accountOf(factsOfFrame(frame, source.linkType));
          const of = copies[nextCopy] === number ? originals[nextCopy++] : undefined;
          return {
            frame: number,
            atMs: (atUs - since) / 1000,
            summary: dissect(frame, source.linkType, { ports, udpPorts: chosen.byProtocol }).summary,
            by: account.by,
            what: of === undefined ? account.what : `frame ${of} again: a copy that the capture made`,
          };
        });
      }
    },
  };
}

async function factsOf(file: string, wanted: ReadonlySet<number>): Promise<FrameFacts[]> {
  if (wanted.size === 0) return [];
  const source = await openCapture(file);
  const facts: FrameFacts[] = [];
  for await (const batch of source.batches())
    for (const frame of batch) if (wanted.has(frame.number)) facts.push(factsOfFrame(frame, source.linkType));
  return facts;
}

const factsOfFrame = (frame: Frame, linkType: number): FrameFacts =>
  frameFacts(frame.number, decodeFrame(frame.bytes, frame.linkType ?? linkType, frame.originalLength));
