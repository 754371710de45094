import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { ClientResult } from '../../reports/result.ts';
import type { Profile } from '../profiles/profile.ts';
import { fileOf, profilesOf } from '../profiles/profile-file.ts';
import { captureFile, framesOf } from '../profiles/testing/captures.ts';
import { withBytes } from '../profiles/testing/changed-frames.ts';
import { fileURLToPath } from 'node:url';
import { replayCapture } from '../run/replay/replay.ts';
import { createJudge } from '../verdict/judge.ts';
import { recordProfiles } from './record-profile.ts';

/** The ROM of 2011 in the reference trace, which is none that is bundled. */
const TRACE = fileURLToPath(new URL('../observe/testdata/reference-trace/step-1-pxe.pcapng', import.meta.url));
const throughFile = (profiles: readonly Profile[]): Profile[] =>
  profilesOf(parse(stringify(fileOf(profiles))), 'rom.yaml');
const clientOf = async (file: string, profiles?: readonly Profile[]): Promise<ClientResult | undefined> =>
  (await replayCapture(file, undefined, profiles ? { profiles } : {})).scenarios[0]?.clients[0];

describe('a profile that is recorded', () => {
  it('names a program that nobody knew, once it is read again', async () => {
    expect((await clientOf(TRACE))?.profiles?.map(({ name }) => name)).toEqual(['unknown']);
    const [rom, ...others] = throughFile(await recordProfiles(TRACE, { name: 'old-rom' }));
    expect(others).toEqual([]);
    expect(rom?.habits['tftp.options']).toEqual([
      { value: 'tsize=0', evidence: 'step-1-pxe.pcapng frame 7' },
      { value: 'blksize=1456', evidence: 'step-1-pxe.pcapng frame 10' },
    ]);
    const client = await clientOf(TRACE, rom ? [rom] : []);
    expect(client?.profiles).toEqual([{ name: 'old-rom', title: 'old-rom', frame: 3 }]);
    expect(client?.steps.filter(({ step }) => step === 'profile.left')).toEqual([]);
  });

  it('is what a changed frame leaves', async () => {
    const profiles = throughFile(await recordProfiles(captureFile('bios-proxy'), { name: 'rom' }));
    expect(profiles.map(({ name }) => name)).toEqual(['ipxe']);
    const { linkType, frames } = await framesOf('bios-proxy');
    const left = (changed: typeof frames): unknown[] => {
      const judge = createJudge({ linkType, clients: [], door: {}, profiles });
      judge.frames(changed);
      return (judge.finish()[0]?.steps ?? []).flatMap(({ step, detail }) => (step === 'profile.left' ? [detail] : []));
    };
    expect(left(frames)).toEqual([]);
    // Other builds of iPXE write this list, and it is bundled; this one was recorded without it.
    const list = Uint8Array.of(134, 135, 175, 203);
    expect(left(withBytes(frames, 1, list, Uint8Array.of(134, 135, 203, 175)))).toMatchObject([
      { profile: 'ipxe', habit: 'dhcp.parameter-list' },
    ]);
  });

  it('has a ladder that the capture shows to its end, and no other', async () => {
    const [pxe, http] = await recordProfiles(captureFile('efi-http'), { name: 'rom' });
    expect([pxe?.name, http?.name]).toEqual(['edk2-pxe', 'edk2-http']);
    // Frames 2, 5, 7, 8, and then IPv6; the last wait is twice the one before it.
    expect(pxe?.ladders.discover).toEqual([
      {
        waitsMs: [3687, 8000, 16_090, 32_180],
        evidence: 'efi-http.pcap frames 2, 5, 7, 8; the last wait is assumed',
      },
    ]);
    // One DISCOVER, which was answered.
    expect(http?.ladders.discover).toBeUndefined();
    // The capture ends with the fourth DISCOVER: nobody knows whether there is a fifth.
    const [ipxe] = await recordProfiles(captureFile('bios-nodhcp'), { name: 'rom' });
    expect(ipxe?.ladders.discover).toBeUndefined();
  });
});

describe('a file of profiles', () => {
  const told = (value: unknown): string => {
    try {
      profilesOf(value, 'rom.yaml');
      return 'no error';
    } catch (error) {
      return String(error);
    }
  };
  const named = { name: 'rom', title: 'ROM', about: 'a ROM', signs: [{ 'dhcp.user-class': 'ROM' }] };

  it.each<[string, unknown, RegExp]>([
    ['is none', 'text', /rom\.yaml: the file: .*expected object/],
    ['has no profile', { profiles: [] }, /rom\.yaml: profiles: /],
    ['lacks signs', { profiles: [{ ...named, signs: [] }] }, /rom\.yaml: profiles\.0\.signs: /],
    [
      'has a habit that nobody knows',
      { profiles: [{ ...named, habits: { 'dhcp.colour': [{ value: 'red', evidence: 'seen' }] } }] },
      /rom\.yaml: profiles\.0\.habits: .*dhcp\.colour/,
    ],
    [
      'has a wait of no time',
      { profiles: [{ ...named, ladders: { discover: [{ 'waits-ms': [0], evidence: 'seen' }] } }] },
      /rom\.yaml: profiles\.0\.ladders\.discover\.0\.waits-ms\.0: /,
    ],
    ['has a key that nobody reads', { profiles: [{ ...named, colour: 'red' }] }, /rom\.yaml: profiles\.0: .*colour/],
  ])('that %s is refused by name', (_, value, message) => {
    expect(told(value)).toMatch(message);
  });

  it('may be as short as a name and a sign', () => {
    expect(told({ profiles: [named] })).toBe('no error');
  });
});
