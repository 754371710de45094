import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { framesIn } from '../observe/testing/golden-events.ts';
import { every, firstApart, inSegments } from '../observe/testing/segments.ts';
import type { Frame } from '../packet/frame.ts';
import { createJudge } from '../verdict/judge.ts';
import { CAPTURES as RESTIC_CAPTURES, TESTDATA as RESTIC } from './restic/testing/captures.ts';
import { CAPTURES as TLS_CAPTURES, TESTDATA as TLS } from './tls/testing/captures.ts';

// TCP carries a stream of bytes, whose segments mean nothing (RFC 9293 section 3.7.1).

const OBSERVED = fileURLToPath(new URL('../observe/testdata', import.meta.url));
const CAPTURES = [
  ...RESTIC_CAPTURES.map((name) => [`restic ${name}`, `${RESTIC}/${name}.pcap`] as const),
  ...TLS_CAPTURES.map((name) => [`tls ${name}`, `${TLS}/${name}.pcap`] as const),
  ...['http-curl-python', 'efi-http'].map((name) => [name, `${OBSERVED}/${name}.pcap`] as const),
];
/** Longer than any wait. */
const LATER_US = 400_000_000;

function stepsOf(frames: readonly Frame[]) {
  const judge = createJudge({ linkType: 1, clients: [], openEnd: true });
  judge.frames(frames);
  judge.advance((frames.at(-1)?.atUs ?? 0) + LATER_US);
  return (
    judge
      .finish()
      .flatMap(({ steps }) => steps)
      // It counts segments.
      .filter(({ step }) => step !== 'tcp.disorder')
      .map(({ step, verdict, cause, detail }) => ({ step, verdict, cause, detail }))
  );
}

describe.each([
  ['a byte', every(1)],
  ['20 bytes', every(20)],
  ['10 bytes and the rest', firstApart(10)],
])('in segments of %s', (_, cuts) => {
  it.each(CAPTURES)('%s has the same steps', async (_name, file) => {
    const frames = await framesIn(file);
    expect(stepsOf(inSegments(frames, cuts))).toEqual(stepsOf(frames));
  });
});
