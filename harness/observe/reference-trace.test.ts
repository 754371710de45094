import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { encodePcapng } from '../tcpdump-wrapper/src/index.ts';
import { EXCERPTS, excerptFrames } from './testing/reference-trace/build-trace.ts';
import { rowsOf } from './testing/reference-trace/trace-rows.ts';
import { CAPTURE_BEGAN_US } from './testing/reference-trace/trace-time.ts';
import { eventText } from './testing/event-text.ts';
import { observe } from './testing/scene.ts';

const STEPS = [1, 2, 3] as const;
const pathOf = (file: string): string => fileURLToPath(new URL(`testdata/reference-trace/${file}`, import.meta.url));
const CREDENTIALS = [{ user: 'administrateur', password: 'Passw0rd.lab' }];

/** Compares with a file; UPDATE_GOLDEN=1 writes it, and fails all the same. */
function expectFile(file: string, content: Uint8Array): void {
  const path = pathOf(file);
  const wanted = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const isSame = wanted.equals(content);
  if (process.env['UPDATE_GOLDEN'] && !isSame) {
    writeFileSync(path, content);
    expect.fail(`${path} was refreshed: look at the difference, then run again without UPDATE_GOLDEN`);
  }
  expect(isSame, `${file} differs from what is built from the rows; UPDATE_GOLDEN=1 refreshes it`).toBe(true);
}

describe.each(STEPS)('step %d of the reference trace', (step) => {
  it('has the rows’ lengths and times', () => {
    const rows = rowsOf(step);
    expect(excerptFrames(step).map(({ bytes, atUs }) => [bytes.length, (atUs - CAPTURE_BEGAN_US) / 1_000_000])).toEqual(
      rows.map(({ length, time }) => [length, time]),
    );
  });

  it('is the capture in testdata, each packet with its number in the original capture', () => {
    const rows = rowsOf(step);
    expectFile(
      `${EXCERPTS[step]}.pcapng`,
      encodePcapng(excerptFrames(step), {
        comment: ({ number }) => `step ${step}, frame ${rows[number - 1]?.frame ?? 0} of the original capture`,
      }),
    );
  });

  it('gives the events of its golden file, without being told who the client is, to whoever knows the password', () => {
    const frames = excerptFrames(step);
    const { events, trimmed } = observe(frames, { credentials: CREDENTIALS });
    expect(observe(trimmed, { credentials: CREDENTIALS }).events).toEqual(events);
    expectFile(
      `${EXCERPTS[step]}.events.txt`,
      Buffer.from(`${events.map((event) => eventText(event, frames[0]?.atUs ?? 0)).join('\n')}\n`),
    );
  });
});
