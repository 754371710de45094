import { createCaptureWriter, openCaptureFile } from '#tcpdump-wrapper';
import { createObserver } from '../../observe/observer.ts';

/**
 * Writes a capture as a run keeps it by default: bulk payload is cut after the bytes that the observer needs. Sizes in
 * bytes of frames.
 */
export async function cutBulkPayload(
  whole: string,
  target: string,
): Promise<{ readonly cut: number; readonly of: number }> {
  const source = await openCaptureFile(whole);
  const writer = await createCaptureWriter(target, { linkType: source.linkType, format: 'pcap' });
  const observer = createObserver({ linkType: source.linkType, onEvent: () => undefined });
  let cut = 0;
  let of = 0;
  for await (const batch of source.batches()) {
    for (const frame of batch) {
      const keep = observer.frame(frame);
      cut += Math.min(keep, frame.bytes.length);
      of += frame.bytes.length;
      if (!writer.write(frame, keep)) await writer.drained();
    }
  }
  await writer.close();
  return { cut, of };
}
