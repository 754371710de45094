import { fileURLToPath } from 'node:url';
import type { Frame } from '../../../packet/frame.ts';
import { openCaptureFile } from '../../../tcpdump-wrapper/src/index.ts';

/** Conversations of restic 0.18.0 with rest-server 0.13.0 (testdata/record.sh). */
export const CAPTURES = [
  'init',
  'backup',
  'increment',
  'snapshots',
  'restore',
  'restore-folder',
  'dump-folder',
  'dump-file',
  'list-files',
  'check',
  'prune',
  'forget-refused',
  'wrong-password',
  'no-repository',
  'locked',
  'beside',
  'lock-refused',
  'unlock',
  'damaged',
  'truncated',
  'missing',
  'full',
  'restarted',
  'there-already',
  'killed',
  'unreachable',
  'user',
  'wrong-user',
] as const;

export type CaptureName = (typeof CAPTURES)[number];

export const TESTDATA = fileURLToPath(new URL('../testdata', import.meta.url));

/** The frames of a conversation. */
export async function framesOf(capture: CaptureName): Promise<Frame[]> {
  const frames: Frame[] = [];
  const source = await openCaptureFile(`${TESTDATA}/${capture}.pcap`, { keepFrames: true });
  for await (const batch of source.batches()) frames.push(...batch);
  return frames;
}
