import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePcap } from '#tcpdump-wrapper';
import { expect, it } from 'vitest';
import { replayCapture } from '../run/replay/replay.ts';
import { boot } from '../verdict/testing/boot-story.ts';
import { withProgress } from './shown-progress.ts';

/** What a replay writes to a standard error that is a terminal or not, when each look at the clock is `stepMs` later. */
async function written(isTTY: boolean, stepMs: number, env: Record<string, string> = {}): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pxewright-test-'));
  try {
    const file = join(folder, 'boot.pcap');
    await writeFile(file, encodePcap(boot().booted().frames));
    const texts: string[] = [];
    const stream = { isTTY, write: (text: string) => texts.push(text) > 0 };
    let ms = 0;
    await withProgress(() => replayCapture(file), { stream, env, nowMs: () => (ms += stepMs) });
    return texts.map((text) => text.replace(folder, ''));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const ERASE = '\r\u001b[2K';

it('a long replay says on a terminal how far it is, and takes that away at its end', async () => {
  const [shown, ...after] = await written(true, 2000);
  expect(shown?.startsWith(ERASE)).toBe(true);
  expect(shown).toMatch(/boot\.pcap: 100 % read, \d+ frames$/);
  expect(after).toEqual([ERASE]);
});

it.each([
  ['a replay that is soon over', true, 900, {}],
  ['a replay whose errors go to a file', false, 2000, {}],
  ['a replay in CI', true, 2000, { CI: 'true' }],
])('%s says nothing', async (_, isTTY, stepMs, env) => {
  expect(await written(isTTY, stepMs, env)).toEqual([]);
});
