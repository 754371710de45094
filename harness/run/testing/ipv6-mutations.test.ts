import { fileURLToPath } from 'node:url';
import { openCaptureFile } from '#tcpdump-wrapper';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../packet/frame.ts';
import { decodeFrame } from '../../packet/packet.ts';
import { plannedVm } from '../../plan/testing/planned-vm.ts';
import { createMutationJudge, type GoodBoot } from './mutation-judge.ts';
import { tallyMutations } from './mutation-tally.ts';
import { targetsOf } from './mutation-targets.ts';
import { ETHERNET, mutationsOf } from './mutations.ts';

const CAPTURE = fileURLToPath(new URL('../../observe/testdata/efi-v6.pcap', import.meta.url));
/**
 * Before these frames the firmware tries IPv4, which nobody answers; after them a boot program asks for an address of its
 * own, over both.
 */
const FIRST_BOOT = { from: 14, to: 513 };

/** EDK2's boot over IPv6 from dnsmasq. */
async function overIpv6(): Promise<GoodBoot> {
  const frames: Frame[] = [];
  for await (const batch of (await openCaptureFile(CAPTURE, { keepFrames: true })).batches())
    for (const frame of batch)
      if (
        frame.number >= FIRST_BOOT.from &&
        frame.number <= FIRST_BOOT.to &&
        decodeFrame(frame.bytes, ETHERNET, frame.originalLength).ipv6
      )
        frames.push({ ...frame, number: frames.length + 1 });
  const [startUs, endUs] = [frames[0]?.atUs ?? 0, frames.at(-1)?.atUs ?? 0];
  return {
    frames,
    plan: {
      clients: [plannedVm({ name: 'pc', mac: '52:54:00:77:00:01' })],
      expectations: [
        { step: 'dhcpv6.reply', with: { arch: 7 }, source: 'a.yaml:1:1' },
        { step: 'tftp.transfer', with: { path: 'snponly.efi' }, source: 'a.yaml:2:1' },
      ],
      strict: false,
      budgets: {},
      timeoutMs: 600_000,
      services: [],
    },
    judgedWith: { startUs, endUs, ended: [] },
  };
}

describe('a boot over IPv6, changed in one frame', { timeout: 120_000 }, () => {
  it('passes unchanged, and changed is noticed at least 98 times of 100', async () => {
    const boot = await overIpv6();
    const judge = createMutationJudge(boot);
    expect(judge.good).toMatchObject({ verdict: 'passed', ip: 'fd77::100' });
    const mutations = mutationsOf(boot.frames, targetsOf(boot, judge));
    const { share, missed } = tallyMutations(judge, mutations);
    expect(mutations.length).toBeGreaterThan(300);
    expect(share, missed.join('\n')).toBeGreaterThanOrEqual(0.98);
  });
});
