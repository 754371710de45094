import { describe, expect, it } from 'vitest';
import type { ClientResult } from '../../reports/result.ts';
import type { Frame } from '../packet/frame.ts';
import { createJudge } from '../verdict/judge.ts';
import { framesOf } from './testing/captures.ts';
import { withBytes, withDelay } from './testing/changed-frames.ts';

/** The first client of a capture that nobody vouches for, as a replay judges it. */
function judged({ linkType, frames }: { readonly linkType: number; readonly frames: readonly Frame[] }): ClientResult {
  const judge = createJudge({ linkType, clients: [], door: {} });
  judge.frames(frames);
  const [client] = judge.finish();
  if (!client) throw new Error('expected a client, got none');
  return client;
}

const programsOf = ({ profiles = [] }: ClientResult): string[] => profiles.map(({ name, frame }) => `${name} ${frame}`);
const leftBy = ({ steps }: ClientResult) => steps.filter(({ step }) => step === 'profile.left');

const failedOf = ({ steps }: ClientResult): string[] =>
  steps.flatMap(({ step, verdict, cause = '' }) => (verdict === 'failed' ? [`${step} ${cause}`] : []));

/** Which programs ran, with the first frame of each. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'bios-nobootfile': ['ipxe 1'],
  'bios-nodhcp': ['ipxe 1'],
  'bios-proxy': ['ipxe 1'],
  'bios-tftp-any': ['ipxe 3'],
  'bios-tftpdown': ['ipxe 1'],
  'bios-wrongserver': ['ipxe 1'],
  'efi-http': ['edk2-pxe 2', 'edk2-http 16', 'ipxe 183'],
  'efi-tftp-portfilter': ['edk2-pxe 1', 'ipxe 7'],
  'efi-v6': ['edk2-pxe 5', 'ipxe 514'],
  'grub-and-linux': ['edk2-pxe 1', 'grub 18', 'linux 80'],
  'pxelinux-and-linux': ['ipxe 1', 'pxelinux 18', 'linux 46'],
  // Through a relay, which adds an option of its own; and without DHCP.
  'relay-at-server': ['ipxe 15'],
  'sll-tftp-only': ['ipxe 1'],
  'shim-and-grub': ['edk2-pxe 1', 'shim 16', 'grub 26'],
  // udhcpc that was told to write the vendor class of a ROM.
  'dhcp-dnsmasq': ['linux 1'],
  // curl, whose ways nobody has written down.
  'tftp-curl-dnsmasq': ['unknown 3'],
};

describe('a client’s program', () => {
  it.each(Object.entries(PROGRAMS))(
    '%s: is known by its own frames, and keeps to its profile',
    async (name, programs) => {
      const client = judged(await framesOf(name));
      expect(programsOf(client)).toEqual(programs);
      expect(leftBy(client)).toEqual([]);
    },
  );
});

type Change = (frames: readonly Frame[]) => Frame[];
/** Of `bios-nodhcp`: the other frames are router solicitations. */
const isDiscover = ({ number }: Frame): boolean => [1, 6, 8, 9].includes(number);
const bytes = (...list: number[]): Uint8Array => Uint8Array.from(list);

/** What a frame was made to say, and what is reported of it. */
const LEFT: readonly (readonly [
  what: string,
  capture: string,
  change: Change,
  left: Readonly<Record<string, string>>,
  frames: readonly number[],
  why: string,
])[] = [
  [
    'a missing parameter',
    'bios-nodhcp',
    (frames) => withBytes(frames, 1, bytes(134, 135, 175, 203), bytes(134, 135, 176, 203)),
    { profile: 'ipxe', habit: 'dhcp.parameter-list' },
    [1],
    'without 175, with 176',
  ],
  [
    'parameters in another order',
    'efi-tftp-portfilter',
    (frames) => withBytes(frames, 1, bytes(59, 60, 66, 67, 97), bytes(59, 60, 67, 66, 97)),
    { profile: 'edk2-pxe', habit: 'dhcp.parameter-list' },
    [1],
    'in another order',
  ],
  [
    'another option in its place',
    'bios-proxy',
    (frames) => withBytes(frames, 1, bytes(97, 17, 0), bytes(98, 17, 0)),
    { profile: 'ipxe', habit: 'dhcp.discover-options' },
    [1],
    'with 98',
  ],
  [
    'no user class',
    'bios-nodhcp',
    (frames) => withBytes(frames, 6, bytes(77, 4, 0x69, 0x50, 0x58, 0x45), bytes(77, 4, 0x78, 0x50, 0x58, 0x45)),
    { profile: 'ipxe', habit: 'dhcp.user-class', expected: 'iPXE', got: 'xPXE' },
    [6],
    'xPXE instead of iPXE',
  ],
  [
    'another block size',
    'bios-tftpdown',
    (frames) => withBytes(frames, 15, 'blksize\u00001432', 'blksize\u00001456'),
    { profile: 'ipxe', habit: 'tftp.options', expected: 'blksize=1432 tsize=0', got: 'blksize=1456 tsize=0' },
    [15],
    'without blksize=1432, with blksize=1456',
  ],
  [
    'another block size of a boot program',
    'grub-and-linux',
    (frames) => withBytes(frames, 18, 'blksize\u00001024', 'blksize\u00001428'),
    { profile: 'grub', habit: 'tftp.options', got: 'blksize=1428 tsize=0' },
    [18],
    'with blksize=1428',
  ],
  [
    'another version of a browser',
    'efi-http',
    (frames) => withBytes(frames, 25, 'UefiHttpBoot/1.0', 'UefiHttpBoot/9.9'),
    { profile: 'edk2-http', habit: 'http.user-agent', got: 'UefiHttpBoot/9.9' },
    [25],
    'UefiHttpBoot/9.9 instead of UefiHttpBoot/1.0',
  ],
  [
    'a try that comes too early',
    'bios-nodhcp',
    (frames) => withDelay(frames.filter(isDiscover), 8, -1400),
    { profile: 'ipxe', habit: 'discover' },
    [6, 8],
    'after 0.6',
  ],
  [
    'a try that comes too late',
    'efi-http',
    (frames) => withDelay(frames, 8, 12_000),
    { profile: 'edk2-pxe', habit: 'discover', expected: 'the next DISCOVER after 16 s' },
    [7, 8],
    'after 28',
  ],
];

describe('a client that leaves its profile', () => {
  it.each(LEFT)('by %s', async (_, capture, change, left, frames, why) => {
    const { linkType, frames: seen } = await framesOf(capture);
    const before = judged({ linkType, frames: seen });
    const after = judged({ linkType, frames: change(seen) });
    expect(leftBy(after)).toMatchObject([{ verdict: 'recorded', detail: left, frames }]);
    expect(leftBy(after)[0]?.why).toContain(why);
    // It is reported, and nothing fails by it; the program is the same.
    expect(failedOf(before)).toEqual(expect.arrayContaining(failedOf(after)));
    expect(programsOf(after)).toEqual(programsOf(before));
  });

  it('is reported once for each habit, however often it does so', async () => {
    const { linkType, frames } = await framesOf('bios-nodhcp');
    const changed = [1, 6, 8, 9].reduce(
      (all, number) => withBytes(all, number, bytes(134, 135, 175, 203), bytes(134, 135, 176, 203)),
      frames,
    );
    expect(leftBy(judged({ linkType, frames: changed }))).toHaveLength(1);
  });

  it('so far that it has no sign of it is unknown, and judged by the standards alone', async () => {
    const { linkType, frames } = await framesOf('bios-nodhcp');
    const strip = (all: Frame[], number: number): Frame[] =>
      withBytes(
        withBytes(all, number, bytes(77, 4, 0x69, 0x50, 0x58, 0x45), bytes(78, 4, 0x78, 0x50, 0x58, 0x45)),
        number,
        bytes(175, 0x36, 0xb1),
        bytes(176, 0x36, 0xb1),
      );
    expect(judged({ linkType, frames }).verdict).toBe('failed');
    const client = judged({ linkType, frames: [1, 6, 8, 9].reduce(strip, frames) });
    expect(programsOf(client)).toEqual(['unknown 1']);
    expect(leftBy(client)).toEqual([]);
    expect(client.verdict).toBe('inconclusive');
  });
});

/** When the first step of this name failed, milliseconds after the capture's first frame. */
function failsAfter(frames: readonly Frame[], linkType: number, step: string): number {
  const judge = createJudge({ linkType, clients: [] });
  judge.frames(frames);
  judge.advance((frames.at(-1)?.atUs ?? 0) + 300_000_000);
  const failed = judge.finish()[0]?.steps.find((one) => one.step === step && one.verdict === 'failed');
  return (failed?.atMs ?? NaN) + (failed?.durationMs ?? NaN);
}

/** Frames in which nobody answers: EDK2 goes on to IPv6 after these; the server's host answers some read requests by ICMP. */
const ASKED: Readonly<Record<string, (frame: Frame) => boolean>> = {
  'efi-http': ({ number }) => number <= 8,
  'bios-tftpdown': ({ number }) => number <= 15 || [17, 19, 21, 24, 28].includes(number),
};

describe('a deadline', () => {
  it.each<[string, string, string, number, number]>([
    // 15 s and 60 s are what the programs themselves wait; the wait by default is 60 s for both.
    ['iPXE', 'bios-nodhcp', 'dhcp.offer', 15_000, 20_000],
    ['EDK2', 'efi-http', 'dhcp.offer', 60_000, 75_000],
    ['iPXE’s read request', 'bios-tftpdown', 'tftp.read-request', 4147 + 15_750, 4147 + 20_000],
  ])('of %s is that of its ladder, and not before its end', async (_, capture, step, min, max) => {
    const { linkType, frames } = await framesOf(capture);
    const atMs = failsAfter(frames.filter(ASKED[capture] ?? isDiscover), linkType, step);
    expect(atMs).toBeGreaterThan(min);
    expect(atMs).toBeLessThan(max);
  });
});
