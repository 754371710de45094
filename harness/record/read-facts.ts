import type { ClientResult } from '../../reports/result.ts';
import { createObserver } from '../observe/observer.ts';
import { decodeFrame } from '../packet/packet.ts';
import { openCapture } from '../run/open-capture.ts';
import { CaptureFacts } from './facts/capture-facts.ts';
import type { AskedFile } from './facts/files.ts';
import { portRefusedBy } from './facts/refused-ports.ts';
import { Contents } from './facts/contents.ts';
import type { Recorded } from './scenario-of.ts';

/** Steps end a moment after their last frame. */
const SLACK_US = 1000;

/** What a capture shows of one judged client, up to its first failure: what came later answers other questions. */
export async function readFacts(
  file: string,
  client: ClientResult,
): Promise<Pick<Recorded, 'facts' | 'refusedPorts' | 'durationMs'>> {
  const failure = client.steps.find(({ verdict }) => verdict === 'failed');
  const lastFrame = Math.max(0, ...(failure?.frames ?? []));
  const source = await openCapture(file);
  const facts = new CaptureFacts();
  const refusedPorts = new Set<string>();
  let firstUs: number | undefined;
  let lastUs = 0;
  let endUs = Number.POSITIVE_INFINITY;
  const observer = createObserver({
    linkType: source.linkType,
    onEvent: (event) => {
      if (event.client === client.mac && (event.frame <= lastFrame || event.atUs <= endUs)) facts.event(event);
    },
  });
  for await (const batch of source.batches()) {
    for (const frame of batch) {
      firstUs ??= frame.atUs;
      lastUs = Math.max(lastUs, frame.atUs);
      if (frame.number === failure?.frames[0]) endUs = frame.atUs + failure.durationMs * 1000 + SLACK_US;
      if (frame.number > lastFrame && frame.atUs > endUs) continue;
      observer.frame(frame);
      const refusing = portRefusedBy(decodeFrame(frame.bytes, frame.linkType ?? source.linkType, frame.originalLength));
      if (refusing !== undefined) refusedPorts.add(refusing);
    }
  }
  observer.endOfCapture(lastUs);
  return { facts, refusedPorts, durationMs: firstUs === undefined ? 0 : (lastUs - firstUs) / 1000 };
}

/** The contents of files that came whole, from the frames that carried them. */
export async function readContents(file: string, files: readonly AskedFile[]): Promise<Contents> {
  const source = await openCapture(file);
  const contents = new Contents(files);
  for await (const batch of source.batches())
    for (const frame of batch)
      contents.packet(decodeFrame(frame.bytes, frame.linkType ?? source.linkType, frame.originalLength), frame.number);
  return contents;
}
