import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../packet/frame.ts';
import { HttpScene } from '../protocols/http/testing/scene.ts';
import { at, CLIENT, observe, Scene, SERVER } from './testing/scene.ts';
import { RpcScene } from '../protocols/rpc/testing/scene.ts';
import { answer, ask, fileIdOf, ntlm, SmbScene, STATUS } from '../protocols/smb/testing/scene.ts';
import { TftpScene } from '../protocols/tftp/testing/scene.ts';
import { wimBytes } from '../protocols/wim/testing/bytes.ts';

const IMAGE = wimBytes(20_000);

function smb(): SmbScene {
  const scene = new SmbScene().connect();
  scene
    .exchange(ask.negotiate(0x0210), answer.negotiate(0x0210))
    .exchange(ask.sessionSetup(ntlm.negotiate()), answer.sessionSetup(ntlm.challenge('S'), STATUS.moreProcessing));
  scene
    .exchange(ask.treeConnect('\\\\s\\RemInst'), answer.treeConnect(5))
    .exchange({ ...ask.create('a.wim'), options: { treeId: 5 } }, answer.create(fileIdOf(1), IMAGE.length));
  for (let offset = 0; offset < IMAGE.length; offset += 4096)
    scene.exchange(ask.read(fileIdOf(1), offset, 4096), answer.read(IMAGE.slice(offset, offset + 4096)));
  return scene
    .exchange(ask.write(fileIdOf(1), 0, new Uint8Array(5000)), answer.write(5000))
    .exchange(ask.close(fileIdOf(1)), answer.close())
    .disconnect();
}

const http = (): HttpScene =>
  new HttpScene()
    .connect()
    .get('/a')
    .respond('200 OK', ['Content-Length: 9000'], new Uint8Array(9000))
    .get('/b')
    .respond('200 OK', ['Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n')
    .disconnect();
const tftp = (): TftpScene =>
  new TftpScene().request('f', 'blksize=1024').optionAck('blksize=1024').ack(0).lockstep(1, 8, 1024).lockstep(9, 9, 5);
const CONVERSATIONS: readonly (() => Scene)[] = [smb, http, tftp];

const MESSAGE_IDS = new Set<string>(['message-id-in-use', 'response-to-no-request']);

/** Facts of events that do not depend on which frame completed them. */
function story(frames: readonly Frame[]): unknown[] {
  return observe(frames)
    .events.filter(
      (event) =>
        !event.type.startsWith('tcp.') && !(event.type === 'smb.anomaly' && MESSAGE_IDS.has(event.anomaly.kind)),
    )
    .map(({ frame: _frame, atUs: _atUs, ...event }) =>
      'figures' in event ? { ...event, figures: event.figures.bytes } : event,
    );
}

const damage = fc.array(
  fc.record({
    frame: fc.nat(200),
    kind: fc.constantFrom('drop', 'duplicate', 'swap', 'flip', 'cut'),
    at: fc.nat(2000),
    bit: fc.nat(7),
  }),
  { maxLength: 12 },
);
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(frames: readonly Frame[], steps: Damage): Frame[] {
  const result = frames.map((frame) => ({ ...frame, bytes: frame.bytes.slice() }));
  for (const { frame, kind, at: position, bit } of steps) {
    const i = frame % result.length;
    const target = result[i];
    if (!target || result.length < 3) continue;
    const byte = position % Math.max(target.bytes.length, 1);
    if (kind === 'drop') result.splice(i, 1);
    else if (kind === 'duplicate') result.splice(i, 0, { ...target, bytes: target.bytes.slice() });
    else if (kind === 'swap')
      result.splice(Math.max(0, i - 1), 2, ...result.slice(Math.max(0, i - 1), i + 1).reverse());
    else if (kind === 'flip') target.bytes[byte] = (target.bytes[byte] ?? 0) ^ (1 << bit);
    else target.bytes = target.bytes.slice(0, byte);
  }
  return result.map((frame, i) => ({ ...frame, number: i + 1 }));
}

describe('whatever the capture holds', () => {
  test('damaged conversations never throw, and their trimmed evidence replays to the same events', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CONVERSATIONS), damage, (conversation, steps) => {
        const whole = observe(damaged(conversation().frames, steps), { clients: [CLIENT.mac] });
        expect(observe(whole.trimmed, { clients: [CLIENT.mac] }).events).toEqual(whole.events);
      }),
      { numRuns: 300 },
    );
  });

  test('the bytes that made a host a client stay in the evidence, also where the other side opened the connection', () => {
    const { frames } = new HttpScene(undefined, 8123).connect().get('/a');
    // SYN without ACK in the place of the server's answer, and a segment that is cut after its IP header.
    const answered = frames.map((frame, index) => ({ ...frame, bytes: frame.bytes.slice(), number: index + 1 }));
    const answer = answered[1];
    if (answer !== undefined) answer.bytes[14 + 20 + 13] = 2;
    const cut = answered
      .slice(-1)
      .map((frame) => ({ ...frame, number: frame.number + 1, bytes: frame.bytes.slice(0, 34) }));
    const whole = observe([...answered, ...cut]);
    expect(whole.events.map(({ type }) => type)).toEqual(['malformed']);
    expect(observe(whole.trimmed).events).toEqual(whole.events);
  });

  test('so it is where clients are learnt, and where services have ports of their own', () => {
    const conversations: readonly (() => Scene)[] = [
      ...CONVERSATIONS,
      () =>
        new HttpScene(undefined, 8123)
          .connect()
          .get('/a')
          .respond('200 OK', ['Content-Length: 9000'], new Uint8Array(9000))
          .disconnect(),
      () =>
        new RpcScene(undefined, 49_700)
          .connect()
          .bind()
          .bindAck()
          .call(2, new Uint8Array(3000))
          .answer(2, new Uint8Array(3000)),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...conversations),
        damage,
        fc.constantFrom(1, 101),
        (conversation, steps, linkType) => {
          const { frames } = conversation();
          const headerBytes = linkType === 1 ? 0 : 14;
          const taken = frames.map((frame) => ({
            ...frame,
            bytes: frame.bytes.slice(headerBytes),
            originalLength: frame.originalLength - headerBytes,
          }));
          const whole = observe(damaged(taken, steps), { linkType });
          expect(observe(whole.trimmed, { linkType }).events).toEqual(whole.events);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('duplicated and neighbouring-swapped segments tell the same story', () => {
    const wanted = story(smb().frames);
    fc.assert(
      fc.property(fc.array(fc.record({ frame: fc.nat(200), swap: fc.boolean() }), { maxLength: 10 }), (steps) => {
        const { frames } = smb();
        for (const { frame, swap } of steps) {
          const i = 3 + (frame % (frames.length - 6));
          const [first, second] = [frames[i], frames[i + 1]];
          if (!first || !second) continue;
          // Only segments of one direction swap: a response is never captured before its request.
          if (!swap) frames.splice(i, 0, first);
          else if (first.bytes[6] === second.bytes[6] && first.bytes[11] === second.bytes[11])
            frames.splice(i, 2, second, first);
        }
        expect(story(frames)).toEqual(wanted);
      }),
      { numRuns: 100 },
    );
  });

  test('garbage on every port is survived', () => {
    const ports = fc.constantFrom(67, 68, 69, 80, 135, 139, 445, 4011, 2070, 5040);
    const packet = fc.record({
      from: ports,
      to: ports,
      payload: fc.uint8Array({ maxLength: 200 }),
      up: fc.boolean(),
      tcp: fc.boolean(),
      flags: fc.constantFrom('S', 'SA', 'A', 'PA', 'FA', 'R'),
      sequence: fc.nat(2000),
      acknowledgement: fc.nat(2000),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 40 }), (packets) => {
        const scene = new Scene();
        for (const { from, to, payload, up, tcp, flags, sequence, acknowledgement } of packets) {
          const [source, target] = up ? [at(CLIENT, from), at(SERVER, to)] : [at(SERVER, from), at(CLIENT, to)];
          if (tcp) scene.tcp(source, target, flags, sequence, acknowledgement, payload);
          else scene.udp(source, target, payload);
        }
        const whole = observe(scene.frames, { clients: [CLIENT.mac] });
        expect(observe(whole.trimmed, { clients: [CLIENT.mac] }).events).toEqual(whole.events);
      }),
      { numRuns: 300 },
    );
  });

  test('bytes that are no frame at all are survived', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }),
        fc.constantFrom(0, 1, 12, 101, 113, 276),
        (frames, linkType) => {
          const scene = new Scene();
          for (const bytes of frames) scene.raw(bytes);
          expect(scene.events({ linkType })).toEqual([]);
        },
      ),
    );
  });
});

test('two clients with the same ports and files do not mix', () => {
  const other = { mac: '52:54:00:00:00:02', ip: '172.22.52.223' };
  const first = tftp().frames;
  const scene = new TftpScene();
  scene.client = at(other, 2070);
  const second = scene
    .request('f', 'blksize=512')
    .optionAck('blksize=512')
    .ack(0)
    .lockstep(1, 16, 512)
    .lockstep(17, 17, 1).frames;
  const mixed = Array.from({ length: Math.max(first.length, second.length) }, (_, i) => [first[i], second[i]])
    .flat()
    .filter((frame) => frame !== undefined);
  const { events } = observe(mixed);
  expect(events.filter(({ client }) => client === CLIENT.mac)).toEqual(observe(first).events);
  expect(events.filter(({ client }) => client === other.mac)).toEqual(observe(second).events);
});

test('connections, transfers and requests without end cost bounded memory', () => {
  const scene = new Scene();
  for (let i = 0; i < 3000; i++)
    scene
      .tcp(at(CLIENT, 1024 + i), at(SERVER, 445), 'S', i, 0)
      .udp(at(CLIENT, 1024 + i), at(SERVER, 69), Uint8Array.of(0, 1, 0x66, 0, 0x6f, 0));
  const { events } = observe(scene.frames, { clients: [CLIENT.mac] });
  const unfinished = events.filter(({ type }) => type === 'tftp.unfinished');
  expect(unfinished).toHaveLength(3000);
  expect(unfinished[0]).toMatchObject({ reason: 'more than 256 newer transfers of this client began' });
});
