import { join } from 'node:path';
import { openCaptureFile } from '#tcpdump-wrapper';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../packet/frame.ts';
import { TCP_FLAGS } from '../../packet/layers.ts';
import { decodeFrame } from '../../packet/packet.ts';
import { transportOffset } from './frame-fields.ts';
import { conversationIn } from './good-boot.ts';
import { createMutationJudge } from './mutation-judge.ts';
import { targetsOf } from './mutation-targets.ts';
import { tallyMutations } from './mutation-tally.ts';
import { ETHERNET, mutated, mutationsOf } from './mutations.ts';

const CAPTURES = join(import.meta.dirname, '..', '..', 'protocols', 'testdata');

async function clientOf(file: string): Promise<string> {
  for await (const batch of (await openCaptureFile(join(CAPTURES, file), { keepFrames: true })).batches()) {
    for (const frame of batch) {
      const { ethernet, udp, tcp } = decodeFrame(frame.bytes, ETHERNET);
      if (udp?.destinationPort === 67 || (tcp?.destinationPort === 445 && (tcp.flags & TCP_FLAGS.syn) !== 0))
        return ethernet?.source ?? '';
    }
  }
  throw new Error(`${file} has no client`);
}

describe.each(['dnsmasq-dhcp-tftp.pcap', 'smbd-smbclient.pcap', 'smbd-impacket.pcap'])(
  '%s, changed in one frame',
  async (file) => {
    const boot = await conversationIn(join(CAPTURES, file), [await clientOf(file)]);
    const judge = createMutationJudge(boot);
    const all = mutationsOf(boot.frames, targetsOf(boot, judge));
    // Enough to meet every kind of every protocol; the lab's test takes all of a whole boot.
    const mutations = all.filter((_, index) => index % Math.ceil(all.length / 120) === 0);

    it('has mutations of every kind', () => {
      expect([...new Set(mutations.map(({ kind }) => kind))].sort()).toEqual([
        'alter',
        'duplicate',
        'remove',
        'reorder',
      ]);
      expect(all.length).toBeGreaterThan(100);
    });

    it('is judged from its changed conversations as from all of its frames', { timeout: 60_000 }, () => {
      const differing = mutations
        .filter((mutation) => judge.judged(mutation) !== judge.replayed(mutation))
        .map(({ name }) => name);
      expect(differing).toEqual([]);
    });

    it('keeps time, and right checksums', () => {
      for (const mutation of mutations) {
        const frames = mutated(boot.frames, mutation);
        expect(
          frames.every((frame, index) => index === 0 || frame.atUs >= (frames[index - 1]?.atUs ?? 0)),
          mutation.name,
        ).toBe(true);
        for (const changed of [...mutation.edits.values()].flat()) {
          const original = boot.frames.find(({ number }) => number === changed.number);
          if (mutation.kind === 'alter' && original)
            expect(checksumError(changed), mutation.name).toBe(checksumError(original));
        }
      }
    });

    it('is noticed by far the most times', () => {
      const { share, missed } = tallyMutations(judge, mutations);
      expect(share, missed.join('\n')).toBeGreaterThanOrEqual(0.9);
    });
  },
);

/**
 * Internet checksum over pseudo header and segment (RFC 1071): 0 when right; what offloading left in a sender's own
 * capture otherwise.
 */
function checksumError({ bytes }: Frame): number {
  const at = transportOffset(bytes);
  const { ipv4, udp, tcp } = decodeFrame(bytes, ETHERNET);
  if (!ipv4 || (!udp && !tcp)) return 0;
  const end = 14 + ipv4.totalLength;
  let sum = ipv4.protocol + end - at;
  for (let i = 26; i < 34; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  for (let i = at; i < end; i += 2) sum += ((bytes[i] ?? 0) << 8) | (i + 1 < end ? (bytes[i + 1] ?? 0) : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
