import { execaSync } from 'execa';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { encodePcapng } from '#tcpdump-wrapper';
import { expect, it } from 'vitest';
import { resultSchema, type FrameAccount, type Result } from '../../reports/result.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { PACKAGE_FOLDER } from '../setup/installation.ts';
import { boot } from '../verdict/testing/boot-story.ts';
import { accounted } from '../run/replay/testing/accounted.ts';
import { resultJson } from './replay-output.ts';

const FRAMES = boot().booted().frames;

/** Batches as a capture gives them. */
async function* inBatches(accounts: readonly FrameAccount[], size: number): AsyncGenerator<FrameAccount[]> {
  for (let at = 0; at < accounts.length; at += size) yield await Promise.resolve(accounts.slice(at, at + size));
}

async function joined(texts: AsyncIterable<string>): Promise<string> {
  let all = '';
  for await (const text of texts) all += text;
  return all;
}

it('the JSON that streams is that of the whole Result', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'capture');
  await writeFile(file, encodePcapng(FRAMES));
  const result = await accounted(file);
  const accounts = result.scenarios[0]?.frames ?? [];
  expect(accounts.length).toBe(FRAMES.length);
  const bare: Result = { ...result, scenarios: result.scenarios.map(({ frames: _, ...scenario }) => scenario) };
  for (const size of [1, 7, 1000])
    expect(await joined(resultJson(bare, inBatches(accounts, size)))).toBe(wholeText(result));
  expect(JSON.parse(await joined(resultJson(bare, inBatches([], 1))))).toMatchObject({ scenarios: [{ frames: [] }] });
  expect(await joined(resultJson(bare, undefined))).toBe(wholeText(bare));
});

const wholeText = (result: Result): string => `${JSON.stringify(result, null, 2)}\n`;

it('accounts of more text than one string can hold go out batch by batch', async () => {
  const long = 'x'.repeat(8 * 1024 * 1024);
  const account: FrameAccount = { frame: 1, atMs: 0, summary: long, by: 'nothing', what: '' };
  async function* many(): AsyncGenerator<FrameAccount[]> {
    for (let i = 0; i < 70; i++) yield await Promise.resolve([account]);
  }
  const result: Result = {
    schema: 1,
    verdict: 'passed',
    startedAt: '',
    durationMs: 0,
    host: { accel: 'none', accelReason: '', cpus: 1, memoryMiB: 1, versions: {} },
    scenarios: [
      { id: 'a', file: 'a', name: 'a', verdict: 'passed', attempt: 1, startedAt: '', durationMs: 0, clients: [] },
    ],
  };
  let characters = 0;
  for await (const text of resultJson(result, many())) characters += text.length;
  // V8's longest string.
  expect(characters).toBeGreaterThan(2 ** 29);
});

const replay = (input: Uint8Array, ...options: string[]) =>
  execaSync('node', [join(PACKAGE_FOLDER, 'harness/cli/bootstrap.mjs'), 'replay', '-', ...options], {
    input,
    reject: false,
  });

it('a capture on standard input is judged, packed as well, and its frames are accounted for', () => {
  const { exitCode, stdout } = replay(gzipSync(encodePcapng(FRAMES)), '--json', '--frames');
  const result = resultSchema.parse(JSON.parse(stdout));
  expect([exitCode, result.verdict]).toEqual([0, 'passed']);
  expect(result.scenarios[0]).toMatchObject({ name: 'replay of standard input', capture: { file: 'standard input' } });
  expect(result.scenarios[0]?.frames?.length).toBe(FRAMES.length);
});

it('standard input without a capture is unusable input, by its name', () => {
  const empty = replay(new Uint8Array(0));
  expect([empty.exitCode, empty.stderr]).toEqual([
    3,
    'standard input: capture is not readable at byte 0: expected a pcap or pcapng capture, got an empty file',
  ]);
  const noise = replay(Buffer.from('no capture'), '--frames');
  expect([noise.exitCode, noise.stderr]).toEqual([
    3,
    expect.stringMatching(/^standard input: capture is not readable at byte 0: .* got 0x6e6f2063; if it is a capture/),
  ]);
});
