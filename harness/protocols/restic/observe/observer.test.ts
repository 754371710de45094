import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { expectGoldenEvents } from '../../../observe/testing/golden-events.ts';
import { observe } from '../../../observe/testing/scene.ts';
import { encodeText } from '../../../packet/text.ts';
import type { ProtocolEvent } from '../../events.ts';
import { CAPTURES, framesOf, TESTDATA } from '../testing/captures.ts';
import { encodeResticList, resticMediaType } from '../testing/encode.ts';
import { idOf, ResticScene } from '../testing/scene.ts';

describe('restic 0.18.0 with rest-server 0.13.0', () => {
  test.each(CAPTURES)('%s gives the events of its golden file', async (capture) => {
    const { cutFrames } = await expectGoldenEvents(join(TESTDATA, capture));
    // The captures hold of packs the beginnings only, which nobody reads.
    expect(cutFrames).toBe(0);
  });

  test.each(CAPTURES)('%s, trimmed to what the observer asks for, gives the same events', async (capture) => {
    const { events, trimmed } = observe(await framesOf(capture));
    expect(observe(trimmed)).toMatchObject({ events, cutFrames: 0 });
  });
});

type Of<T extends ProtocolEvent['type']> = Extract<ProtocolEvent, { readonly type: T }>;
const of = <T extends ProtocolEvent['type']>(told: ResticScene, type: T): Of<T>[] =>
  observe(told.frames).events.filter((event): event is Of<T> => event.type === type);
const scene = (): ResticScene => new ResticScene();
const beside = (one: ResticScene, more = 1): ResticScene => new ResticScene(one.tape, one.client.port + more);
const LIST = `Content-Type: ${resticMediaType(2)}`;

describe('a list', () => {
  const entries = Array.from({ length: 100 }, (_, index) => ({ name: String(index).padStart(64, '0'), bytes: index }));
  const list = encodeResticList(entries, 2);

  it('is read when it comes in chunks', () => {
    const half = list.length >> 1;
    const chunk = (bytes: Uint8Array): string => `${bytes.length.toString(16)}\r\n${Buffer.from(bytes).toString()}\r\n`;
    const body = `${chunk(list.subarray(0, half))}${chunk(list.subarray(half))}0\r\n\r\n`;
    const told = scene().connect().asks('list', 'locks').respond('200 OK', [LIST, 'Transfer-Encoding: chunked'], body);
    const [answer] = of(told.stats('config'), 'restic.answer');
    expect(answer).toMatchObject({ kind: 'locks', entries: 100, figures: { bytes: list.length } });
    expect(answer?.names?.slice(0, 2)).toEqual(entries.slice(0, 2).map(({ name }) => name));
    expect(of(told, 'restic.answer')).toHaveLength(2);
  });

  it.each([
    ['is compressed', ['Content-Encoding: gzip'], list],
    ['is longer than any that is read', [], new Uint8Array(600_000)],
  ])('is passed over when it %s', (_, headers, body) => {
    const all = [LIST, ...headers, `Content-Length: ${body.length}`];
    const told = scene().connect().asks('list', 'data').respond('200 OK', all, body).stats('config');
    expect(of(told, 'restic.answer')).toMatchObject([{ figures: { bytes: body.length } }, { kind: 'config' }]);
    expect(of(told, 'restic.answer')[0]?.entries).toBeUndefined();
    expect(of(told, 'malformed')).toEqual([]);
  });

  it('that is none is malformed, and what follows is read', () => {
    const body = encodeText('{"error":"no"}');
    const told = scene().connect().asks('list', 'keys');
    told.respond('200 OK', [LIST, `Content-Length: ${body.length}`], body).stats('config');
    expect(of(told, 'malformed')).toMatchObject([{ malformed: { protocol: 'restic' } }]);
    expect(of(told, 'restic.answer').map(({ kind }) => kind)).toEqual(['keys', 'config']);
  });
});

describe('a run', () => {
  const runsOf = (told: ResticScene): number[] => of(told, 'restic.request').map(({ run }) => run);

  it('has several connections', () => {
    const first = scene().opens();
    const told = beside(first).connect().loads('data', idOf('d'));
    expect(new Set(runsOf(told)).size).toBe(1);
  });

  it('is another one when it opens the store anew', () => {
    const first = scene().opens().disconnect();
    expect(new Set(runsOf(beside(first).opens())).size).toBe(2);
  });

  it('is the same one when its first question was not answered', () => {
    const first = scene().connect().asks('stat', 'config').disconnect('server');
    expect(new Set(runsOf(beside(first).opens())).size).toBe(1);
  });

  it('that has given back its lock opens no further connection: one that is at work beside it does', () => {
    const backup = scene().opens().locks();
    const list = beside(backup).opens().locks(idOf('b')).lists('snapshots').unlocks(idOf('b'));
    const during = beside(list).connect().saves('data', idOf('d'));
    list.disconnect();
    const after = beside(during).connect().saves('data', idOf('e'));
    const requests = of(after, 'restic.request');
    const [id] = requests.map(({ run }) => run);
    expect(requests.filter(({ kind }) => kind === 'data').map(({ run }) => run)).toEqual([id, id]);
    expect(new Set(requests.map(({ run }) => run)).size).toBe(2);
  });

  it('that opens the store has the connection over which it goes on, whatever another one does', () => {
    const backup = scene().opens().locks();
    const first = beside(backup).connect().stats('config').disconnect('server');
    const told = beside(first).connect().lists('keys', idOf('1'));
    expect(new Set(runsOf(told)).size).toBe(2);
    expect(runsOf(told).at(-1)).not.toBe(runsOf(told)[0]);
  });

  it('is that of the store, not of another one', () => {
    const first = scene().opens();
    const other = beside(first);
    other.repository = 'pc2';
    const told = beside(other.opens(), 2).connect().loads('data', idOf('d'));
    const requests = of(told, 'restic.request');
    expect(requests.at(-1)?.run).toBe(requests[0]?.run);
    expect(new Set(runsOf(told)).size).toBe(2);
  });
});

it('a request that the REST backend does not know is malformed, and what follows is read', () => {
  const told = scene().connect().stats('config').ask('PUT', '/elsewhere').answers('405 Method Not Allowed');
  expect(of(told.lists('keys'), 'restic.answer').map(({ kind }) => kind)).toEqual(['config', 'keys']);
  expect(of(told, 'malformed').map(({ malformed }) => malformed.reason)).toEqual([
    'expected a request of the REST backend, got PUT /elsewhere',
  ]);
});

describe('an answer that the capture lost', () => {
  /** A conversation without the frames that hold the answers to these requests. */
  const without = (kinds: readonly string[]): ProtocolEvent[] => {
    const told = scene().opens().locks().lists('snapshots', idOf('5')).loads('snapshots', idOf('5'));
    told.lists('index', idOf('7')).loads('index', idOf('7')).loads('data', idOf('d')).unlocks().disconnect();
    const isLost = ({ action, kind }: Of<'restic.answer'>): boolean => kinds.includes(`${action} ${kind}`);
    const lost = new Set(of(told, 'restic.answer').flatMap((answer) => (isLost(answer) ? [answer.frame] : [])));
    return observe(told.frames.filter(({ number }) => !lost.has(number))).events;
  };
  const asked = (events: readonly ProtocolEvent[], type: 'restic.answer' | 'restic.unfinished'): string[] =>
    events.flatMap((event) => (event.type === type ? [`${event.action} ${event.kind}`] : []));

  it.each([[['stat config']], [['list snapshots']], [['load snapshots', 'list index']], [['load data']]])(
    'leaves each later answer to its own request: %j',
    (kinds) => {
      const events = without(kinds);
      expect(asked(events, 'restic.unfinished')).toEqual(kinds);
      const all = asked(without([]), 'restic.answer');
      expect(asked(events, 'restic.answer')).toEqual(all.filter((one) => !kinds.includes(one)));
      expect(events.filter(({ type }) => type === 'malformed')).toEqual([]);
    },
  );
});

it('an answer that breaks off is unfinished, with what came of it', () => {
  const told = scene().connect().asks('load', 'data', idOf('d'), { first: 0, last: 999 });
  told.respond('206 Partial Content', ['Content-Length: 1000'], new Uint8Array(300)).disconnect('server');
  expect(of(told, 'restic.unfinished')).toMatchObject([
    { by: 'server', status: 206, reason: 'the connection was closed', figures: { bytes: 300 } },
  ]);
  expect(of(told, 'restic.disconnected')).toMatchObject([{ by: 'server' }]);
});
