import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { openCaptureFile } from '#tcpdump-wrapper';
import { expect } from 'vitest';
import type { Frame } from '../../packet/frame.ts';
import { eventText } from './event-text.ts';
import { observe } from './scene.ts';

/** The frames of a capture in a file. */
export async function framesIn(file: string): Promise<Frame[]> {
  const frames: Frame[] = [];
  const source = await openCaptureFile(file, { keepFrames: true });
  for await (const batch of source.batches()) frames.push(...batch);
  return frames;
}

/** Compares the events of `NAME.pcap` with those of `NAME.events.txt` beside it. Returns what was observed. */
export async function expectGoldenEvents(capture: string): Promise<ReturnType<typeof observe>> {
  const frames = await framesIn(`${capture}.pcap`);
  const observed = observe(frames);
  const text = `${observed.events.map((event) => eventText(event, frames[0]?.atUs ?? 0)).join('\n')}\n`;
  const golden = `${capture}.events.txt`;
  const wanted = existsSync(golden) ? readFileSync(golden, 'utf8') : '';
  if (process.env['UPDATE_GOLDEN'] && wanted !== text) {
    writeFileSync(golden, text);
    expect.fail(`${golden} was refreshed: look at the difference, then run again without UPDATE_GOLDEN`);
  }
  expect(text, `${capture}.pcap and ${golden} differ; UPDATE_GOLDEN=1 refreshes the text`).toBe(wanted);
  return observed;
}
