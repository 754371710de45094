import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCaptureWriter } from '#tcpdump-wrapper';
import { afterEach, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { boot } from '../verdict/testing/boot-story.ts';
import { replayCommand } from './replay-command.ts';
import { UsageError } from './usage-error.ts';

afterEach(() => vi.restoreAllMocks());

/** A capture of a boot whose boot file is missing. */
async function missingFile(folder: string): Promise<string> {
  const file = join(folder, 'capture.pcap');
  const { frames } = boot()
    .dhcpRound({ bootfile: 'pxelinux.0' })
    .also(({ tftp }) => tftp.request('pxelinux.0').error(1, 'File not found'));
  const writer = await createCaptureWriter(file, { linkType: 1, format: 'pcap' });
  for (const frame of frames) writer.write(frame, frame.bytes.length);
  await writer.close();
  return file;
}

/** What `replay` prints. */
async function printed(capture: string, options: Parameters<typeof replayCommand>[1]): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await replayCommand(capture, options);
  vi.restoreAllMocks();
  return text;
}

it('a folder is no capture: unusable input, and what to do', async () => {
  const replayed = replayCommand(tmpdir(), {});
  await expect(replayed).rejects.toBeInstanceOf(UsageError);
  await expect(replayed).rejects.toThrow(
    `${tmpdir()}: expected a capture file (pcap or pcapng), got a folder: name a file in it`,
  );
});

it('begins with the capture and its client, and shows the steps of that client', async () => {
  await using folder = await temporaryFolder();
  const text = await printed(await missingFile(folder.path), {});
  const lines = text.split('\n');
  expect(lines[1]).toMatch(/^ {2}capture +.*capture\.pcap {2}\d+ frames/);
  expect(lines[2]).toMatch(/^ {2}clients +✗ {2}client-1 {2}00:11:11:80:d2:92 /);
  expect(text).toMatch(/tftp\.error +pxelinux\.0/);
});

it('takes a MAC address in any spelling, and names those of the capture when it has no such client', async () => {
  await using folder = await temporaryFolder();
  const capture = await missingFile(folder.path);
  expect(await printed(capture, { client: '00-11-11-80-D2-92' })).toContain('tftp.error');
  await expect(replayCommand(capture, { client: '52:54:00:00:00:09' })).rejects.toThrow(
    `${capture}: expected the MAC or IP address of a client of this capture (00:11:11:80:d2:92), got 52:54:00:00:00:09`,
  );
});

it('writes the page of a run, with the frames that steps name', async () => {
  await using folder = await temporaryFolder();
  const page = join(folder.path, 'new', 'page.html');
  const capture = await missingFile(folder.path);
  await printed(capture, { html: page });
  const data = /<script type="application\/json" id="page-data">(.*?)<\/script>/s.exec(
    await readFile(page, 'utf8'),
  )?.[1];
  const { result, evidence } = JSON.parse(data ?? '') as {
    result: { verdict: string; scenarios: { capture: { file: string } }[] };
    evidence: { frames: { summary: string }[] }[];
  };
  expect([result.verdict, result.scenarios[0]?.capture.file]).toEqual(['failed', capture]);
  expect(evidence[0]?.frames.map(({ summary }) => summary)).toContainEqual(
    expect.stringMatching(/^TFTP error .*File not found/),
  );
});

it.each([
  [undefined, {}, 'expected a capture file, - for standard input, or --live INTERFACE, got none of them'],
  ['a.pcap', { live: 'eth0' }, 'expected a capture or --live eth0, got both: leave out a.pcap'],
  ['a.pcap', { for: '5' }, '--for: expected --live beside it: a capture file has an end'],
  ['a.pcap', { write: 'b.pcap' }, '--write: expected --live beside it: a capture that is replayed is a file already'],
  [undefined, { live: 'eth0', for: 'ever' }, '--for: expected seconds above 0, at most 2147483, got ever'],
  [undefined, { live: 'eth0', for: '0' }, '--for: expected seconds above 0, at most 2147483, got 0'],
])('options that do not go together are refused: %s %j', async (capture, options, message) => {
  await expect(replayCommand(capture, options)).rejects.toThrow(new UsageError(message));
});
