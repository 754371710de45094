import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { Frame } from '../../../packet/frame.ts';
import { expectGoldenEvents, framesIn } from '../../../observe/testing/golden-events.ts';
import { at, CLIENT, observe, SERVER } from '../../../observe/testing/scene.ts';
import type { ProtocolEvent } from '../../events.ts';
import { dissect } from '../../dissect.ts';
import { encodeUdpcast } from '../testing/encode.ts';
import { MulticastScene } from '../testing/scene.ts';
import { portsOfBase } from '../wire/ports.ts';
import { multicastTransfer } from './metered-transfer.ts';

// Captures of udp-sender and udp-receiver 20120424 (testdata/record.sh): an image of 100 000 bytes each.
const CAPTURES = ['late-joiner', 'straggler', 'dropped', 'killed', 'point-to-point', 'asynchronous'];
const TESTDATA = join(import.meta.dirname, '..', 'testdata');
const OTHER = { mac: '00:11:11:80:d2:93', ip: '172.22.52.223' };

const framesOf = (capture: string): Promise<Frame[]> => framesIn(join(TESTDATA, `${capture}.pcap`));

type Of<T extends ProtocolEvent['type']> = Extract<ProtocolEvent, { readonly type: T }>;
const of = <T extends ProtocolEvent['type']>(events: readonly ProtocolEvent[], type: T): Of<T>[] =>
  events.filter((event): event is Of<T> => event.type === type);

describe('transfers between programs that are not ours', () => {
  test.each(CAPTURES)('%s gives the events of its golden file', async (capture) => {
    const { cutFrames } = await expectGoldenEvents(join(TESTDATA, capture));
    // The snap length of these captures cuts the image only, which nobody reads.
    expect(cutFrames).toBe(0);
  });

  test.each(CAPTURES)('%s, trimmed to what the observer asks for, gives the same events', async (capture) => {
    const { events, trimmed } = observe(await framesOf(capture));
    expect(observe(trimmed)).toMatchObject({ events, cutFrames: 0 });
    expect(Math.max(...trimmed.map(({ bytes }) => bytes.length))).toBeLessThan(200);
  });

  it('are followed without being told who the clients are, and for these alone when told', async () => {
    const frames = await framesOf('straggler');
    const clients = ['02:00:00:00:00:12'];
    const all = observe(frames).events;
    expect(new Set(all.map(({ client }) => client)).size).toBe(3);
    expect(observe(frames, { clients }).events).toEqual(all.filter(({ client }) => clients.includes(client)));
  });
});

describe('what a sender sends to its group', () => {
  it('belongs to every receiver that it let in, until that one leaves', () => {
    const scene = new MulticastScene().joins(CLIENT).joins(OTHER, 1).slices(0, 0, CLIENT, OTHER);
    const events = scene.leaves(OTHER).slices(1, 1, CLIENT).ends(2, CLIENT).events();
    const bytes = 4 * 1456;
    expect(of(events, 'multicast.leave')).toMatchObject([
      { client: OTHER.mac, complete: false, figures: { bytes }, wireBytes: bytes, receivers: 2 },
      { client: CLIENT.mac, complete: true, figures: { bytes: 2 * bytes }, wireBytes: 2 * bytes, slices: 2, blocks: 8 },
    ]);
  });

  it('is nobody’s who was not let in: the sender had begun', () => {
    const scene = new MulticastScene().joins(CLIENT).slices(0, 0, CLIENT).asks(OTHER);
    const events = scene.slices(1, 1, CLIENT).ends(2, CLIENT).events();
    expect(events.filter(({ client }) => client === OTHER.mac)).toMatchObject([
      { type: 'multicast.join-request', underWay: true },
    ]);
    expect(of(new MulticastScene().asks(OTHER).events(), 'multicast.join-request')).toMatchObject([
      { underWay: false },
    ]);
  });

  it('is no running transfer when the sender fell silent long ago', () => {
    const scene = new MulticastScene().joins(CLIENT).slices(0, 0, CLIENT).wait(11_000_000).asks(OTHER);
    expect(of(scene.events(), 'multicast.join-request').at(-1)).toMatchObject({ client: OTHER.mac, underWay: false });
  });

  it('costs a handful of events, however much it is', () => {
    const scene = new MulticastScene().joins(CLIENT);
    for (let slice = 0; slice < 500; slice++)
      scene.blocks(slice, 0, 1, 2, 3).asksForOk(slice).lacks(CLIENT, slice, 2).blocks(slice, 2, 3).ok(slice, CLIENT);
    const events = scene.ends(500, CLIENT).events();
    expect(scene.frames.length).toBeGreaterThan(4500);
    expect(events.length).toBeLessThan(200);
    expect(of(events, 'multicast.complete')).toMatchObject([
      { slices: 500, blocks: 2000, askedAgain: 1000, wireBytes: 3000 * 1456, figures: { retransmissions: 1000 } },
    ]);
  });
});

describe('a sender that lets receivers in while it sends', () => {
  const wholeBytes = (scene: MulticastScene): [client: string, bytes: number, receivers: number][] =>
    of(scene.events(), 'multicast.complete').map(({ client, figures, receivers }) => [
      client,
      figures.bytes,
      receivers,
    ]);
  const slices = (count: number): number => count * 4 * 1456;

  it('goes on for the others: who joins a stream has the rest of it', () => {
    const scene = new MulticastScene().joins(CLIENT).slices(0, 1, CLIENT).hello(true).joins(OTHER, 1);
    expect(wholeBytes(scene.slices(2, 4, CLIENT, OTHER).ends(5, CLIENT, OTHER))).toEqual([
      [CLIENT.mac, slices(5), 1],
      [OTHER.mac, slices(3), 2],
    ]);
  });

  it.each([
    ['answer', (scene: MulticastScene) => scene.letsIn(CLIENT)],
    ['HELLO', (scene: MulticastScene) => scene.hello()],
  ])('has not begun anew when its %s comes again after the first block', (_, says) => {
    const early = new MulticastScene().hello().joins(CLIENT).blocks(0, 0);
    says(early).blocks(0, 1, 2, 3).asksForOk(0).ok(0, CLIENT).slices(1, 2, CLIENT).ends(3, CLIENT);
    const later = new MulticastScene().hello().joins(CLIENT).slices(0, 0, CLIENT);
    says(later).slices(1, 2, CLIENT).ends(3, CLIENT);
    for (const scene of [early, later]) {
      expect(wholeBytes(scene)).toEqual([[CLIENT.mac, slices(3), 1]]);
      expect(of(scene.events(), 'multicast.first-data')).toHaveLength(1);
    }
  });

  it('has sent the first block to him, too, whose answer the capture holds behind it', () => {
    const scene = new MulticastScene().asks(CLIENT).asks(OTHER).letsIn(CLIENT).blocks(0, 0).letsIn(OTHER, 1);
    scene.blocks(0, 1, 2, 3).asksForOk(0).ok(0, CLIENT, OTHER).slices(1, 1, CLIENT, OTHER).ends(2, CLIENT, OTHER);
    expect(wholeBytes(scene)).toEqual([
      [CLIENT.mac, slices(2), 1],
      [OTHER.mac, slices(2), 2],
    ]);
  });

  it('begins anew with the first block of an image, however short the one before was', () => {
    const scene = new MulticastScene().joins(CLIENT).slices(0, 0, CLIENT).ends(1, CLIENT);
    expect(wholeBytes(scene.joins(OTHER).slices(0, 0, OTHER).ends(1, OTHER))).toEqual([
      [CLIENT.mac, slices(1), 1],
      [OTHER.mac, slices(1), 1],
    ]);
  });
});

describe('another port base', () => {
  const told = (): MulticastScene => new MulticastScene(9100).joins(CLIENT).slices(0, 1, CLIENT).ends(2, CLIENT);

  it('is followed when the scenario names it, at both ports', () => {
    const { events } = observe(told().frames, { ports: { multicast: portsOfBase(9100) } });
    expect(of(events, 'multicast.complete')).toMatchObject([
      { receiver: { port: 9100 }, server: { port: 9101 }, figures: { bytes: 2 * 4 * 1456 } },
    ]);
    const [event] = of(events, 'multicast.complete');
    expect(event && multicastTransfer(event)?.listed).toMatchObject({ path: 'udp://234.9.0.1:9100' });
  });

  it('is nobody’s otherwise, and the usual one is still udpcast’s beside it', () => {
    expect(told().events()).toEqual([]);
    const usual = new MulticastScene().joins(CLIENT).frames;
    expect(observe(usual, { ports: { multicast: portsOfBase(9100) } }).events.length).toBe(2);
  });

  it('has transfers of its own: one does not keep those away who ask at another', () => {
    const { tape } = new MulticastScene(9100).joins(OTHER).slices(0, 0, OTHER);
    const scene = new MulticastScene(9000, tape).asks(CLIENT);
    expect(of(scene.events({ ports: { multicast: portsOfBase(9100) } }), 'multicast.join-request')).toMatchObject([
      { client: OTHER.mac },
      { client: CLIENT.mac, underWay: false },
    ]);
  });

  it('shows in a dissected frame', () => {
    const [frame] = told().frames;
    if (!frame) throw new TypeError('expected a frame');
    expect(dissect(frame, 1, { ports: { multicast: portsOfBase(9100) } }).summary).toContain('UDPCAST connect request');
    expect(dissect(frame, 1).summary).not.toContain('UDPCAST');
  });
});

describe('blocks that do not come in order', () => {
  it('are a gap when one is ahead, and went again when one is behind', () => {
    const events = new MulticastScene().joins(CLIENT).blocks(0, 0, 2, 1, 3).events();
    expect(of(events, 'multicast.gap')).toMatchObject([{ slice: 0, block: 2, expectedBlock: 1 }]);
    expect(of(events, 'multicast.retransmission')).toMatchObject([{ slice: 0, block: 1 }]);
  });
});

describe('a transfer that does not come to its end', () => {
  it('is unfinished for who joins anew, and abandoned for who stays behind when the sender begins another one', () => {
    const scene = new MulticastScene().joins(CLIENT).joins(OTHER, 1).slices(0, 0, CLIENT, OTHER).hello();
    const events = scene.joins(CLIENT).slices(0, 0, CLIENT, OTHER).ends(1, CLIENT).events();
    expect(of(events, 'multicast.unfinished').map(({ client, reason }) => [client, reason])).toEqual([
      [CLIENT.mac, 'the receiver joined anew'],
      [OTHER.mac, 'the capture ended'],
    ]);
    expect(of(events, 'multicast.abandoned')).toMatchObject([{ client: OTHER.mac }]);
    expect(of(events, 'multicast.complete')).toMatchObject([{ figures: { bytes: 4 * 1456 }, receivers: 1 }]);
  });

  it('is unfinished when the capture ends, with what was confirmed and left unanswered', () => {
    const events = new MulticastScene().joins(CLIENT).slices(0, 0, CLIENT).blocks(1, 0, 1).asksForOk(1).events();
    expect(of(events, 'multicast.unfinished')).toMatchObject([
      { reason: 'the capture ended', unanswered: 1, figures: { bytes: 4 * 1456 } },
    ]);
  });

  it('may name any slice: nothing is counted up to it', () => {
    const scene = new MulticastScene();
    scene.capabilities = 0x29;
    const last = 0xffff_ffff;
    const events = scene.asks(CLIENT).hello().blocks(0, 0).blocks(last, 0).ok(last, CLIENT).leaves(CLIENT).events();
    expect(of(events, 'multicast.leave')).toMatchObject([{ complete: false, wireBytes: 2 * 1456 }]);
  });

  it('may name slices of any size: no more blocks are counted than a slice can have', () => {
    const scene = new MulticastScene().asks(CLIENT, false);
    scene
      .udp(
        at(SERVER, 9001),
        at(CLIENT, 9000),
        encodeUdpcast({ op: 'connect-reply', clientNumber: 0, blockSize: 1, capabilities: 9, group: scene.group.ip }),
      )
      .udp(
        at(SERVER, 9001),
        at(scene.group, 9000),
        encodeUdpcast({ op: 'data', slice: 0, block: 0, sliceBytes: 0xffff_ffff, dataLength: 1 }),
      )
      .lacks(CLIENT, 0, 1);
    // Three blocks of the four that the scene's slices have.
    expect(of(scene.events(), 'multicast.retransmit-request')).toMatchObject([{ missing: 1024 - 3 }]);
  });

  it('ends with bytes that do not decode as malformed, for the receiver that sent them', () => {
    const { events } = observe(
      new MulticastScene().joins(CLIENT).udp(at(CLIENT, 9000), at(SERVER, 9001), new Uint8Array([0, 1, 0, 0, 0]))
        .frames,
    );
    expect(of(events, 'malformed')).toMatchObject([{ client: CLIENT.mac, malformed: { protocol: 'udpcast' } }]);
  });
});
