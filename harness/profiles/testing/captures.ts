import { fileURLToPath } from 'node:url';
import { createObserver } from '../../observe/observer.ts';
import type { Frame } from '../../packet/frame.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { openCaptureFile } from '../../tcpdump-wrapper/src/index.ts';

const OWN: readonly string[] = ['pxelinux-and-linux', 'grub-and-linux', 'shim-and-grub'];

/** Path of a capture by its name: one of this folder, or one of those that all tests share. */
export function captureFile(name: string): string {
  const folder = OWN.includes(name) ? '../testdata' : '../../observe/testdata';
  return fileURLToPath(new URL(`${folder}/${name}.pcap`, import.meta.url));
}

/** A capture's frames. */
export async function framesOf(name: string): Promise<{ readonly linkType: number; readonly frames: Frame[] }> {
  const frames: Frame[] = [];
  const capture = await openCaptureFile(captureFile(name), { keepFrames: true });
  for await (const batch of capture.batches()) frames.push(...batch);
  return { linkType: capture.linkType, frames };
}

/** What the observer makes of frames. */
export function eventsOf(linkType: number, frames: readonly Frame[]): ProtocolEvent[] {
  const events: ProtocolEvent[] = [];
  const observer = createObserver({ linkType, isDoubtful: true, onEvent: (event) => events.push(event) });
  for (const frame of frames) {
    observer.advance(frame.atUs);
    observer.frame(frame);
  }
  return events;
}
