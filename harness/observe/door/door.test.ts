import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { annotated } from '../../packet/testing/annotated.ts';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../packet/frame.ts';
import { decodeFrame } from '../../packet/packet.ts';
import { DhcpScene } from '../../protocols/dhcp/testing/scene.ts';
import { TftpScene } from '../../protocols/tftp/testing/scene.ts';
import { duplicated, misdated } from '../../run/testing/capture-faults.ts';
import { openCaptureFile } from '../../tcpdump-wrapper/src/index.ts';
import { at, CLIENT, Scene, SERVER } from '../testing/scene.ts';
import { Door } from './door.ts';

const ETHERNET = 1;

interface Passed {
  readonly passed: Frame[];
  readonly copies: (readonly [frame: number, of: number])[];
  readonly door: Door;
}

/** Lets frames through a door, in batches of so many whose memory is used again for the next but one. */
function through(frames: readonly Frame[], { batch = frames.length, linkType = ETHERNET } = {}): Passed {
  const passed: Frame[] = [];
  const copies: [number, number][] = [];
  const door = new Door({
    linkType,
    onFrame: (frame, packet) => {
      expect(packet.payload.buffer).toBe(frame.bytes.buffer);
      passed.push({ ...frame, bytes: frame.bytes.slice() });
    },
    onCopy: ({ number }, of) => copies.push([number, of]),
  });
  for (let from = 0; from < frames.length; from += batch) {
    const lent = frames.slice(from, from + batch).map((frame) => ({ ...frame, bytes: frame.bytes.slice() }));
    door.frames(lent);
    for (const { bytes } of lent) bytes.fill(0xee);
  }
  door.settle();
  return { passed, copies, door };
}

const numbers = (frames: readonly Frame[]): number[] => frames.map(({ number }) => number);
const times = (frames: readonly Frame[]): number[] => frames.map(({ atUs }) => atUs);

/** Gives each packet an IP identification of its own, as most senders do. */
function named(frames: readonly Frame[]): Frame[] {
  return frames.map((frame, index) => {
    const bytes = Uint8Array.from(frame.bytes);
    if (decodeFrame(bytes, ETHERNET).ipv4) bytes.set([(index + 1) >> 8, (index + 1) & 0xff], 18);
    return { ...frame, bytes };
  });
}

const good = (): Frame[] => new DhcpScene().discover().offer().choose().grant().frames;

describe('a packet that the capture holds twice passes once', () => {
  const conversation = named([
    ...new TftpScene().request('f', 'tsize=0').optionAck('tsize=4000').ack(0).lockstep(1, 8, 512).frames,
  ]);

  it.each([
    ['at the same time', {}],
    ['a little later', { laterUs: 900 }],
    ['behind a router', { routers: 1, laterUs: 40_000 }],
    ['on a trunk', { vlan: 77, laterUs: 3000 }],
    ['now and then', { which: (_: Frame, index: number) => index % 5 === 2, laterUs: 70 }],
  ])('%s', (_, sight) => {
    for (const batch of [1, 7, 1000]) {
      const twice = duplicated(conversation, sight);
      const { passed, door } = through(twice, { batch });
      expect(passed.map(({ bytes }) => bytes)).toEqual(conversation.map(({ bytes }) => bytes));
      expect(door.copies.frames).toBe(twice.length - conversation.length);
    }
  });

  it('on all ways of a bridge at once: tcpdump listened on any', async () => {
    // iPXE loads undionly.kpxe from dnsmasq 2.91; Linux cooked, version 2.
    const source = await openCaptureFile(fileURLToPath(new URL('testdata/captured-twice.pcap', import.meta.url)));
    const frames: Frame[] = [];
    for await (const batch of source.batches()) frames.push(...batch);
    const { passed, copies } = through(frames, { linkType: source.linkType });
    expect([frames.length, passed.length, copies.length]).toEqual([72, 35, 37]);
    expect(copies.slice(0, 3)).toEqual([
      [2, 1],
      [3, 1],
      [5, 4],
    ]);
  });

  it('although the sender names no packet (IP identification 0), once the capture is known for it', () => {
    const unnamed = new TftpScene().request('f').lockstep(1, 8, 512).frames;
    const alone = through(duplicated(unnamed, { laterUs: 30 }));
    expect(alone.copies).toEqual([]);
    const scene = new Scene().arp(1, CLIENT, { ip: SERVER.ip }).arp(2, SERVER, CLIENT);
    new TftpScene(scene.tape).request('f').lockstep(1, 8, 512);
    const { passed } = through(duplicated(scene.frames, { laterUs: 30 }));
    expect(passed).toHaveLength(scene.frames.length);
  });

  it('and with the padding that Ethernet gave it, or the checksum that a card filled in', () => {
    const [frame] = named(new TftpScene().request('f').frames) as [Frame];
    const bytes = new Uint8Array(frame.bytes.length + 20);
    bytes.set(frame.bytes);
    bytes[40] = 0xab;
    const padded = { ...frame, number: 2, bytes, originalLength: bytes.length };
    expect(through([frame, padded]).copies).toEqual([[2, 1]]);
  });
});

describe('what a sender sends again passes again', () => {
  const [client, server] = [at(CLIENT, 2070), at(SERVER, 69)];
  const request = new TextEncoder().encode('\0\x01f\0octet\0');
  const twice = (laterUs: number): Frame[] =>
    new Scene().udp(client, server, request).wait(laterUs).udp(client, server, request).frames;

  it.each([
    ['with another IP identification', named(twice(0))],
    ['without one, after its timer', twice(200_000)],
    ['without one, at once: the Sorcerer’s Apprentice', twice(300)],
    [
      'with the same one, after its timer',
      twice(200_000).map((frame) => ({ ...frame, bytes: named([frame])[0]?.bytes ?? frame.bytes })),
    ],
    ['with other content', new Scene().udp(client, server, request).udp(client, server, request.toReversed()).frames],
  ])('%s', (_, frames) => {
    expect(numbers(through(frames).passed)).toEqual([1, 2]);
  });

  it('and so does the answer of a host that is asked twice, by group and by address', () => {
    const neighbour = (type: string, to: string): Uint8Array =>
      annotated(`${to} 525400000002 86dd 60000000 0008 3a ff fe80 .. 13 02 fe80 .. 13 01 ${type} 00 0000 60000000`);
    const [group, own] = ['3333ff000001', '525400000001'];
    const arp = new Scene().arp(1, CLIENT, { ip: SERVER.ip }).wait(300).arp(2, SERVER, CLIENT).wait(300);
    const icmpv6 = new Scene().raw(neighbour('87', group)).wait(300).raw(neighbour('88', own)).wait(300);
    arp.arp(1, CLIENT, SERVER).wait(300).arp(2, SERVER, CLIENT);
    icmpv6
      .raw(neighbour('87', own).map((byte, at) => (at === 40 ? 9 : byte)))
      .wait(300)
      .raw(neighbour('88', own));
    expect([arp, icmpv6].map(({ frames }) => through(frames).copies)).toEqual([[], []]);
    expect(through(duplicated(arp.frames.slice(0, 2), { laterUs: 300 })).copies).toEqual([
      [2, 1],
      [4, 3],
    ]);
  });

  it('and so do ARP requests a second apart', () => {
    const scene = new Scene().arp(1, CLIENT, { ip: SERVER.ip }).wait(1_000_000).arp(1, CLIENT, { ip: SERVER.ip });
    expect(through(scene.frames).copies).toEqual([]);
  });
});

describe('time', () => {
  const steady = (count: number, stepUs = 100_000): Frame[] => {
    const scene = new Scene();
    for (let i = 0; i < count; i += 1) scene.wait(stepUs).arp(1, CLIENT, { ip: `10.0.0.${i}` });
    return scene.frames;
  };

  it('is the capture’s own where nothing is wrong with it', () => {
    const frames = steady(20);
    const { passed, door } = through(frames, { batch: 3 });
    expect(passed).toEqual(frames);
    expect(door.clockFaults).toEqual({ outliers: 0, steps: 0, firstFrame: 0 });
  });

  it('is not moved by one frame, wherever it is and whichever way it is wrong', () => {
    const frames = steady(20);
    const errors = [3_600_000_000, -3_600_000_000, 30_000_000, -30_000_000, 7.9e14];
    fc.assert(
      fc.property(fc.nat(19), fc.constantFrom(...errors), fc.integer({ min: 1, max: 20 }), (index, error, batch) => {
        // A first or last frame that is half a minute off may just have been alone for so long.
        fc.pre(Math.abs(error) > 600_000_000 || (index > 0 && index < 19));
        const { passed, door } = through(misdated(frames, index, 1, error), { batch });
        expect(numbers(passed)).toEqual(numbers(frames));
        expect(Math.max(...times(passed)) - Math.min(...times(passed))).toBeLessThanOrEqual(2_000_000);
        expect(door.clockFaults).toEqual({ outliers: 1, steps: 0, firstFrame: index + 1 });
      }),
    );
  });

  it('goes on where the clock is set back, and where two clocks alternate', () => {
    const frames = steady(40);
    const setBack = misdated(frames, 20, 20, -3_600_000_000);
    const once = through(setBack);
    expect(once.door.clockFaults).toEqual({ outliers: 0, steps: 1, firstFrame: 21 });
    expect((times(once.passed).at(-1) ?? 0) - (times(once.passed)[0] ?? 0)).toBeLessThan(5_000_000);
    const alternating = through(misdated(setBack, 25, 5, 3_600_000_000));
    expect((times(alternating.passed).at(-1) ?? 0) - (times(alternating.passed)[0] ?? 0)).toBeLessThan(5_000_000);
    expect(alternating.door.clockFaults.steps).toBe(3);
  });

  it.each([
    ['a minute', 60_000_000],
    ['an hour', 3_600_000_000],
  ])('passes in a silence of %s that the next frames confirm', (_, silenceUs) => {
    const frames = misdated(steady(20), 10, 10, silenceUs);
    const { passed, door } = through(frames, { batch: 1 });
    expect(passed).toEqual(frames);
    expect(door.clockFaults.firstFrame).toBe(0);
  });

  it('does not pass in a silence of years: captures were joined', () => {
    const { passed, door } = through(misdated(steady(20), 10, 10, 7e14));
    expect((times(passed).at(-1) ?? 0) - (times(passed)[0] ?? 0)).toBeLessThan(5_000_000);
    expect(door.clockFaults).toEqual({ outliers: 0, steps: 1, firstFrame: 11 });
  });

  it('passes in the silence before the last frame', () => {
    const frames = misdated(good(), 3, 1, 180_000_000);
    expect(times(through(frames).passed)).toEqual(times(frames));
  });

  it('never goes back, and no frame is lost or overtaken', () => {
    const moved = fc.array(fc.tuple(fc.nat(29), fc.integer({ min: -9e9, max: 9e9 })), { maxLength: 12 });
    fc.assert(
      fc.property(moved, fc.integer({ min: 1, max: 30 }), (moves, batch) => {
        const frames = moves.reduce((some, [index, byUs]) => misdated(some, index, 1, byUs), steady(30));
        const { passed } = through(frames, { batch });
        expect(numbers(passed)).toEqual(numbers(frames));
        expect(times(passed)).toEqual(times(passed).toSorted((one, other) => one - other));
        expect(passed.map(({ bytes }) => bytes)).toEqual(frames.map(({ bytes }) => bytes));
      }),
    );
  });
});
