import { expect, test } from 'vitest';
import { Transfer } from '../../../../servers/boot/tftp/transfer.ts';
import { decodeTftp } from '../wire/codec.ts';
import { TftpScene } from '../testing/scene.ts';

// Who sent what when: two servers and clients of several speeds, in a time that only the test lets pass.

const BLOCKS = 12;
const BLKSIZE = 512;

/** What a server does with an acknowledgement and with time. */
interface Server {
  /** When its timer is due. */
  readonly deadlineMs: number;
  start(nowMs: number): void;
  acknowledge(block: number, nowMs: number): void;
  expire(nowMs: number): void;
}

type Send = (block: number, nowMs: number) => void;

/** Our own server's sending side with a timer of 200 ms. */
function ourServer(send: Send): Server {
  let now = 0;
  const size = BLOCKS * BLKSIZE - 1;
  const transfer = new Transfer({
    source: {
      size,
      has: () => true,
      copy: () => undefined,
      load: () => Promise.resolve(),
      readAhead: () => undefined,
      close: () => Promise.resolve(),
    },
    terms: { blksize: BLKSIZE, windowsize: 1, variableWindow: false, timeoutMs: undefined, oack: [] },
    timeoutMs: 200,
    retries: 6,
    maxWindowsize: 1,
    misbehave: {},
    misbehaved: () => undefined,
    now: () => now,
    later: (run) => run(),
    ended: () => undefined,
    send: (bytes) => {
      const packet = decodeTftp(bytes);
      if (packet.kind !== 'malformed' && packet.op === 'data') send(packet.block, now);
    },
  });
  return {
    get deadlineMs() {
      return transfer.acked === BLOCKS ? Infinity : transfer.deadlineMs;
    },
    start: (nowMs) => transfer.start((now = nowMs)),
    acknowledge: (block, nowMs) => transfer.acknowledge(block, undefined, (now = nowMs)),
    expire: (nowMs) => transfer.expire((now = nowMs)),
  };
}

/** A server that answers every acknowledgement with the next block, as RFC 1123 section 4.2.3.1 forbids. */
function apprentice(send: Send): Server {
  let last = 1;
  let deadlineMs = 1000;
  const sends = (block: number, nowMs: number): void => {
    if (block > BLOCKS) return;
    last = block;
    deadlineMs = nowMs + 1000;
    send(block, nowMs);
  };
  return {
    get deadlineMs() {
      return last === BLOCKS ? Infinity : deadlineMs;
    },
    start: (nowMs) => sends(1, nowMs),
    acknowledge: (block, nowMs) => sends(block + 1, nowMs),
    expire: (nowMs) => sends(last, nowMs),
  };
}

interface Path {
  /** From a block to its acknowledgement. */
  readonly answerMs: (block: number, time: number) => number;
  /** An acknowledgement that the network delivers twice. */
  readonly doubled?: number;
}

/** The capture of a transfer whose client acknowledges whatever comes. */
function transfer(serverOf: (send: Send) => Server, { answerMs, doubled }: Path): TftpScene {
  const scene = new TftpScene().request('f');
  const beginUs = scene.tape.nowUs + 1000;
  const frame = (nowMs: number, tell: () => unknown): void => {
    scene.tape.nowUs = Math.max(scene.tape.nowUs, beginUs + nowMs * 1000 - 100);
    tell();
  };
  const acks: { block: number; atMs: number }[] = [];
  const times = new Map<number, number>();
  const server = serverOf((block, nowMs) => {
    frame(nowMs, () => scene.data(block, block === BLOCKS ? BLKSIZE - 1 : BLKSIZE));
    const time = (times.get(block) ?? 0) + 1;
    times.set(block, time);
    const atMs = nowMs + answerMs(block, time);
    acks.push({ block, atMs });
    if (block === doubled && time === 1) acks.push({ block, atMs: atMs + 2 });
  });
  server.start(0);
  for (let turn = 0; turn < 400; turn++) {
    acks.sort((one, other) => one.atMs - other.atMs);
    const [ack] = acks;
    const nowMs = Math.min(ack?.atMs ?? Infinity, server.deadlineMs);
    if (nowMs === Infinity) break;
    if (ack?.atMs === nowMs) {
      acks.shift();
      frame(nowMs, () => scene.ack(ack.block));
      server.acknowledge(ack.block, nowMs);
    } else server.expire(nowMs);
  }
  return scene;
}

const found = (scene: TftpScene) =>
  scene.events().flatMap((event) => (event.type === 'tftp.anomaly' ? [event.anomaly] : []));
const repeats = (scene: TftpScene) =>
  scene.events().filter((event) => event.type === 'tftp.retransmission' && event.by === 'server').length;

test.each([
  ['slower than its timer', () => 300],
  ['hardly slower than its timer', () => 201],
  ['of two timers', () => 450],
  ['slow with one block in three', (block: number) => (block % 3 === 0 ? 350 : 1)],
])('our server, whose timer sends again to a client that is %s, is no apprentice', (_, answerMs) => {
  const scene = transfer(ourServer, { answerMs });
  expect(repeats(scene)).toBeGreaterThan(2);
  expect(found(scene)).toEqual([]);
  expect(scene.events().map(({ type }) => type)).toContain('tftp.complete');
});

test.each<[string, Path, { first: number; last: number }]>([
  [
    'was late with one acknowledgement, once the first round is far ahead',
    { answerMs: (block, time) => (block === 1 && time === 1 ? 1200 : 1) },
    { first: 2, last: 5 },
  ],
  ['is fast, after the network doubled one acknowledgement', { answerMs: () => 5, doubled: 3 }, { first: 4, last: 7 }],
  [
    'is behind a slow line, after the network doubled one acknowledgement',
    { answerMs: () => 90, doubled: 3 },
    { first: 4, last: 7 },
  ],
])('a server that answers each repeated acknowledgement is one, where the client %s', (_, path, blocks) => {
  expect(found(transfer(apprentice, path))).toEqual([{ kind: 'blocks-sent-twice', ...blocks }]);
});

test('our server answers no repeated acknowledgement', () => {
  const scene = transfer(ourServer, { answerMs: () => 5, doubled: 3 });
  expect([repeats(scene), found(scene)]).toEqual([0, []]);
});
