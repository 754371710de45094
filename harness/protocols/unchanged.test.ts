import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openCaptureFile } from '#tcpdump-wrapper';
import { dissect } from './dissect.ts';
import { createJudge } from '../verdict/judge.ts';
import type { Frame } from '../packet/frame.ts';

// The capture of a run is written after it is judged: whoever reads a frame must leave its bytes as they are. A Buffer's slice() is no copy,
// other than that of a Uint8Array.

const FOLDERS = ['testdata', '../observe/testdata'].map((folder) => `${import.meta.dirname}/${folder}`);
const CAPTURES = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.pcap'))
    .map((name) => [name, `${folder}/${name}`] as const),
);

it.each(CAPTURES)('no byte of %s changes when it is judged and dissected', async (_, file) => {
  const source = await openCaptureFile(file);
  const frames: Frame[] = [];
  for await (const batch of source.batches())
    for (const frame of batch) frames.push({ ...frame, bytes: Buffer.from(frame.bytes) });
  const before = frames.map(({ bytes }) => Buffer.from(bytes).toString('hex'));
  const judge = createJudge({ linkType: source.linkType, clients: [], openEnd: true });
  judge.frames(frames);
  judge.finish();
  for (const frame of frames) dissect(frame, source.linkType, {});
  expect(frames.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(before);
});
