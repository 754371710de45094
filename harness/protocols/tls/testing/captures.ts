import { fileURLToPath } from 'node:url';
import { framesIn } from '../../../observe/testing/golden-events.ts';
import type { Frame } from '../../../packet/frame.ts';

/** Conversations of restic 0.18.0 with rest-server 0.13.0 over TLS, and of curl and OpenSSL 3.5.9 (testdata/record.sh). */
export const CAPTURES = [
  'backup',
  'restore',
  'snapshots',
  'expired',
  'restarted',
  'download-1.2',
  'unknown-ca',
  'protocol-version',
  'handshake-failure',
  'retry',
  'resumed',
  'not-spoken',
] as const;

export type CaptureName = (typeof CAPTURES)[number];

export const TESTDATA = fileURLToPath(new URL('../testdata', import.meta.url));

/** The frames of a conversation. */
export const framesOf = (capture: CaptureName): Promise<Frame[]> => framesIn(`${TESTDATA}/${capture}.pcap`);
