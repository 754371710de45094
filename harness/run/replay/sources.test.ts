import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodePcapng } from '#tcpdump-wrapper';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Frame } from '../../packet/frame.ts';
import { asCooked } from '../../packet/testing/encapsulate.ts';
import { ENCAPSULATIONS } from '../../packet/testing/encapsulations.ts';
import { boot } from '../../verdict/testing/boot-story.ts';
import { replayCapture } from './replay.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pxewright-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function stored(bytes: Uint8Array): Promise<string> {
  const file = join(folder, 'capture');
  await writeFile(file, bytes);
  return file;
}

const changed = (frames: readonly Frame[], change: (bytes: Uint8Array) => Uint8Array): Frame[] =>
  frames.map((frame) => {
    const bytes = change(frame.bytes);
    return { ...frame, bytes, originalLength: bytes.length };
  });

const good = boot().booted().frames;
const stepsOf = async (file: string): Promise<readonly unknown[]> => {
  const { verdict, scenarios } = await replayCapture(file);
  return [verdict, ...(scenarios[0]?.clients ?? []).map(({ mac, steps }) => [mac, steps])];
};

describe('a boot is judged alike', () => {
  // What a capture without hardware addresses cannot hold: ARP.
  const ipOnly = good
    .filter(({ bytes }) => bytes[12] === 8 && bytes[13] === 0)
    .map((frame, index) => ({ ...frame, number: index + 1 }));
  const ofIpv4 = ENCAPSULATIONS.filter(({ version }) => version !== 6);

  it.each(ofIpv4.filter(({ hardware }) => hardware === 'both'))('in $name', async ({ as, linkType }) => {
    await expectAlike(good, changed(good, as), linkType);
  });

  it.each(ofIpv4.filter(({ hardware }) => hardware === 'none'))(
    'in $name, without hardware addresses',
    async ({ as, linkType }) => {
      await expectAlike(ipOnly, changed(ipOnly, as), linkType);
    },
  );

  async function expectAlike(plain: readonly Frame[], other: readonly Frame[], linkType: number): Promise<void> {
    const steps = await stepsOf(await stored(encodePcapng(plain)));
    expect(steps[0]).toBe('passed');
    expect(await stepsOf(await stored(encodePcapng(other, { linkType })))).toEqual(steps);
  }
});

describe('several link types in one pcapng', () => {
  it('are each read by their own', async () => {
    const plain = await stepsOf(await stored(encodePcapng(good)));
    const half = Math.floor(good.length / 2);
    const parts = [
      encodePcapng(good.slice(0, half)),
      encodePcapng(changed(good.slice(half), asCooked), { linkType: 113 }),
    ];
    expect(await stepsOf(await stored(Buffer.concat(parts)))).toEqual(plain);
  });

  it('of which one is not taken apart leave the verdict to the others', async () => {
    const wlan = encodePcapng(
      changed(good.slice(0, 3), () => Uint8Array.of(8, 1, 0, 0)),
      { linkType: 105 },
    );
    const { verdict, scenarios } = await replayCapture(await stored(Buffer.concat([wlan, encodePcapng(good)])));
    expect(verdict).toBe('passed');
    expect(scenarios[0]?.capture?.quality).toMatchObject([
      {
        kind: 'undecoded',
        frames: 3,
        firstFrame: 1,
        what: expect.stringContaining('3 frames of link type 105 (IEEE 802.11) are not taken apart') as string,
      },
    ]);
  });
});

it('a capture of nothing but a link type that is not taken apart is refused by its name, with the way on', async () => {
  const file = await stored(
    encodePcapng(
      changed(good.slice(0, 3), () => Uint8Array.of(8, 1, 0, 0)),
      { linkType: 127 },
    ),
  );
  await expect(replayCapture(file)).rejects.toThrow(
    'got 3 frames of which none is IP or ARP: 3 of link type 127 (IEEE 802.11 with radiotap header), which pxewright does not take apart: capture where',
  );
});

describe('a capture that is damaged in the middle', () => {
  /** As a disk that lost a block leaves it: longer than a frame, so that the header of one is in it. */
  const damaged = (whole: Uint8Array): Uint8Array => {
    const bytes = Uint8Array.from(whole);
    return bytes.fill(0xff, bytes.length - 4000, bytes.length - 2000);
  };

  it.each([
    ['as it is', (bytes: Uint8Array) => bytes],
    ['packed by gzip', (bytes: Uint8Array) => gzipSync(bytes)],
  ])('is judged up to there, and says where, %s', async (_, packed) => {
    const file = await stored(packed(damaged(encodePcapng(good))));
    const { scenarios, verdict } = await replayCapture(file);
    expect(verdict).not.toBe('passed');
    expect(scenarios[0]?.clients[0]?.steps.some(({ step }) => step === 'dhcp.ack')).toBe(true);
    expect(scenarios[0]?.why).toMatch(/the capture is truncated: expected .*, got .* \(byte \d+\); the verdict covers/);
    const frames = scenarios[0]?.capture?.frames ?? 0;
    expect(frames).toBeGreaterThan(0);
    expect(scenarios[0]?.capture?.quality).toMatchObject([{ kind: 'truncated', firstFrame: frames + 1 }]);
  });

  it('in what packs it is judged up to there, too', async () => {
    const packed = gzipSync(encodePcapng(good), { level: 0 });
    const { scenarios, verdict } = await replayCapture(await stored(packed.subarray(0, packed.length - 300)));
    expect(verdict).not.toBe('passed');
    expect(scenarios[0]?.clients[0]?.steps.some(({ step }) => step === 'dhcp.ack')).toBe(true);
    expect(scenarios[0]?.why).toContain('expected more of the gzip data that holds the capture, got unexpected end');
  });

  it('before its first frame is no capture', async () => {
    const bytes = encodePcapng(good);
    bytes.fill(0xff, 28, 60);
    const file = await stored(bytes);
    await expect(replayCapture(file)).rejects.toThrow(`${file}: capture is not readable at byte`);
  });
});
