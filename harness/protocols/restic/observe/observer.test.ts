import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventText } from '../../../observe/testing/event-text.ts';
import { observe } from '../../../observe/testing/scene.ts';
import { CAPTURES, framesOf, TESTDATA } from '../testing/captures.ts';

describe('restic 0.18.0 with rest-server 0.13.0', () => {
  test.each(CAPTURES)('%s gives the events of its golden file', async (capture) => {
    const frames = await framesOf(capture);
    const { events, cutFrames } = observe(frames);
    const text = `${events.map((event) => eventText(event, frames[0]?.atUs ?? 0)).join('\n')}\n`;
    const golden = join(TESTDATA, `${capture}.events.txt`);
    const wanted = existsSync(golden) ? readFileSync(golden, 'utf8') : '';
    if (process.env['UPDATE_GOLDEN'] && wanted !== text) {
      writeFileSync(golden, text);
      expect.fail(`${golden} was refreshed: look at the difference, then run again without UPDATE_GOLDEN`);
    }
    expect(text, `${capture}.pcap and ${capture}.events.txt differ; UPDATE_GOLDEN=1 refreshes the text`).toBe(wanted);
    // The captures hold of packs the beginnings only, which nobody reads.
    expect(cutFrames).toBe(0);
  });

  test.each(CAPTURES)('%s, trimmed to what the observer asks for, gives the same events', async (capture) => {
    const { events, trimmed } = observe(await framesOf(capture));
    expect(observe(trimmed)).toMatchObject({ events, cutFrames: 0 });
  });
});
