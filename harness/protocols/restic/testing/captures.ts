import { fileURLToPath } from 'node:url';
import { framesIn } from '../../../observe/testing/golden-events.ts';
import type { Frame } from '../../../packet/frame.ts';

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
  'busy-init',
  'busy-backup',
  'busy-snapshots',
  'busy-restore',
  'busy-check',
  'busy-prune',
  'busy-unlock',
  'busy-wrong-password',
] as const;

export type CaptureName = (typeof CAPTURES)[number];

export const TESTDATA = fileURLToPath(new URL('../testdata', import.meta.url));

/** The frames of a conversation. */
export const framesOf = (capture: CaptureName): Promise<Frame[]> => framesIn(`${TESTDATA}/${capture}.pcap`);
